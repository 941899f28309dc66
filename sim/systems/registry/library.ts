/** The registry that a run uses: as it ships, or with a seeded bug. */
import * as shipped from '../../../src/index.ts';

export type Library = typeof shipped;

export const shippedLibrary: Library = shipped;
