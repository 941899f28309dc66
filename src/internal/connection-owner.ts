/** What a connection needs of its manager and of the registry. Only types. */
import type { UserExecutionContext } from '../identity/user-execution-context.ts';
import type { InspectionWheel } from '../liveness/inspection-wheel.ts';
import type { ResolvedRegistryOptions } from '../options/registry-options.ts';
import type { EventDispatcher } from '../telemetry/event-dispatcher.ts';
import type { ConnectionCause, PolicyDisconnectCause } from '../telemetry/reasons.ts';
import type { ConnectionPort } from './connection-port.ts';
import type { kConnectionGone, kDisconnected, kFrameSeen, kHost, kSlowReader } from './symbols.ts';

/** What a connection needs of the registry. */
export interface ConnectionHost {
  readonly options: ResolvedRegistryOptions;
  readonly dispatcher: EventDispatcher;
  readonly inspectionWheel: InspectionWheel;
}

/** What a connection needs of its manager. */
export interface ConnectionOwner {
  readonly context: UserExecutionContext;
  readonly [kHost]: ConnectionHost;
  [kFrameSeen](nowMs: number): void;
  [kSlowReader](connection: ConnectionPort, bytes: number): void;
  [kDisconnected](connection: ConnectionPort, cause: PolicyDisconnectCause, code: number): void;
  [kConnectionGone](
    connection: ConnectionPort,
    code: number,
    reason: string,
    cause: ConnectionCause,
  ): void;
}
