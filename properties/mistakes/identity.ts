import type { Mistake } from './index.ts';

export const identityMistakes: readonly Mistake[] = [];
