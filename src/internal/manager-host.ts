/** What a manager and its connections need of their registry. Only types. */
import type { OutboxHost } from '../delivery/outbox.ts';
import type { LifecycleHost } from '../liveness/manager-lifecycle.ts';
import type { CloseReason } from '../telemetry/reasons.ts';
import type { ConnectionHost } from './connection-owner.ts';

/** `M` is the class of the manager, a parameter for the reason given in `connection.ts`. */
export interface ManagerHost<M> extends ConnectionHost, LifecycleHost, OutboxHost {
  isClosed(): boolean;
  ended(manager: M, reason: CloseReason): void;
  release(manager: M): Promise<boolean>;
}
