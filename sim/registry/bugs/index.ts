/** The catalogue of seeded bugs. To add one: a constant in the file of its kind, a line here. */
import type { Bug } from './bug.ts';
import { backlogIsDeath, closingNotAwaited, emergencyUnbounded } from './cleanup.ts';
import { upgradeReset } from './door.ts';
import { issue108, keyPerMessage } from './identity.ts';
import { disconnectKeepsManager, socketsLeftOpen, successorDeleted } from './release.ts';

export const bugs: readonly Bug[] = [
  issue108,
  keyPerMessage,
  emergencyUnbounded,
  successorDeleted,
  disconnectKeepsManager,
  socketsLeftOpen,
  upgradeReset,
  closingNotAwaited,
  backlogIsDeath,
];
