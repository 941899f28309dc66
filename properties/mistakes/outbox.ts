import type { Mistake } from './index.ts';

export const outboxMistakes: readonly Mistake[] = [];
