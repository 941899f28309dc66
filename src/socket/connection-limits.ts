/** Whether a manager can take one more connection: the limit and the uniqueness of connection ids. */
import { ConnectionLimitError, LeaktightError } from '../errors.ts';
import { freshId } from '../identity/ids.ts';
import type { Subject } from '../internal/manager-port.ts';
import { kSubject } from '../internal/symbols.ts';
import type { ResolvedRegistryOptions } from '../options/registry-options.ts';
import type { EventDispatcher } from '../telemetry/event-dispatcher.ts';
import type { ConnectionSet, NamedConnection } from './connection-set.ts';

interface Host {
  readonly options: ResolvedRegistryOptions;
  readonly dispatcher: EventDispatcher;
}

/**
 * Returns the connection that has the id now, which the new one replaces.
 *
 * @throws {ConnectionLimitError} and {LeaktightError}, after the refusal was recorded.
 */
export function checkConnectionLimits<C extends NamedConnection>(
  { options, dispatcher }: Host,
  manager: Subject,
  connectionSet: ConnectionSet<C>,
  id: string | undefined,
): C | undefined {
  const earlier = id === undefined ? undefined : connectionSet.find(id);
  const { duplicateConnection, maxConnectionsPerManager: limit } = options;
  if (earlier?.state === 'open' && duplicateConnection === 'refuse') {
    refuse(dispatcher, manager, earlier.id, 'duplicate');
    throw new LeaktightError(
      'ERR_LEAKTIGHT_DUPLICATE_CONNECTION',
      `The connection id ${earlier.id} is in use`,
    );
  }
  if (limit === Number.POSITIVE_INFINITY) return earlier;
  const open = connectionSet.countOpenBut(earlier);
  if (open < limit) return earlier;
  refuse(dispatcher, manager, id ?? freshId(), 'connection-limit');
  throw new ConnectionLimitError(open, limit);
}

function refuse(
  dispatcher: EventDispatcher,
  manager: Subject,
  connectionId: string,
  reason: 'duplicate' | 'connection-limit',
): void {
  dispatcher.record('connectionRefused', { ...manager[kSubject](), connectionId, reason });
}
