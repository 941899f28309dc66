/**
 * For `node --import leaktight/sim/register`: puts the simulator's shims in place before the program loads ws. Between
 * runs they pass everything through.
 */
import './platform/install.ts';
