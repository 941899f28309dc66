/** For `setupFiles` of Vitest: puts the simulator's shims in place before a test file loads ws. */
import './platform/install.ts';
