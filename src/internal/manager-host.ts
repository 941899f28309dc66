/** What a manager and its connections need of their registry. Only types. */

import type { OutboxExpiry } from '../delivery/outbox-expiry.ts';
import type { CloseReason } from '../events.ts';
import type { InspectionWheel } from '../liveness/inspection-wheel.ts';
import type { ScheduledRemovals } from '../liveness/scheduled-removals.ts';
import type { WebSocketManager } from '../manager.ts';
import type { ResolvedRegistryOptions } from '../options/options.ts';
import type { EventDispatcher } from '../telemetry/event-dispatcher.ts';

export interface ManagerHost {
  readonly options: ResolvedRegistryOptions;
  readonly dispatcher: EventDispatcher;
  readonly inspectionWheel: InspectionWheel;
  readonly scheduledRemovals: ScheduledRemovals;
  readonly outboxExpiry: OutboxExpiry;
  isClosed(): boolean;
  countOf(userId: string): number;
  ended(manager: WebSocketManager, reason: CloseReason): void;
  release(manager: WebSocketManager): Promise<boolean>;
}
