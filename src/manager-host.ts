/** What a manager and its connections need of their registry. Only types. */
import type { CloseReason } from './events.ts';
import type { Journal } from './journal.ts';
import type { WebSocketManager } from './manager.ts';
import type { ResolvedRegistryOptions } from './options.ts';
import type { Outboxes } from './outboxes.ts';
import type { Removals } from './removals.ts';
import type { Rounds } from './rounds.ts';

export interface ManagerHost {
  readonly options: ResolvedRegistryOptions;
  readonly journal: Journal;
  readonly rounds: Rounds;
  readonly removals: Removals;
  readonly outboxes: Outboxes;
  isClosed(): boolean;
  countOf(userId: string): number;
  ended(manager: WebSocketManager, reason: CloseReason): void;
  release(manager: WebSocketManager): Promise<boolean>;
}
