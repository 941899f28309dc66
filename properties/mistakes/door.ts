import type { Mistake } from './index.ts';

export const doorMistakes: readonly Mistake[] = [];
