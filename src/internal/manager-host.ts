/** What a manager and its connections need of their registry. Only types. */
import type { OutboxHost } from '../delivery/outbox.ts';
import type { IdleLifetimeHost } from '../liveness/idle-lifetime.ts';
import type { CloseReason } from '../telemetry/reasons.ts';
import type { ConnectionHost } from './connection-owner.ts';

/** `M` is the manager: its file imports this one. */
export interface ManagerHost<M> extends ConnectionHost, IdleLifetimeHost, OutboxHost {
  isClosed(): boolean;
  countOf(userId: string): number;
  ended(manager: M, reason: CloseReason): void;
  release(manager: M): Promise<boolean>;
}
