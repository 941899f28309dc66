/** The state that an audit is shown: managers and user slots that may be wrong on purpose. Holds no assertions. */
import { EventEmitter } from 'node:events';
import type { SlotTable } from '../../../src/admission/slot-table.ts';
import { type PendingAcquire, UserSlots } from '../../../src/admission/user-slots.ts';
import { kSnapshot, kSockets } from '../../../src/internal/symbols.ts';
import type { WebSocketManager } from '../../../src/manager.ts';
import { contextOf } from './bench.ts';

export interface Shown {
  readonly state?: string;
  readonly connectionStates?: readonly string[];
  readonly errorListeners?: number;
  readonly reservations?: number;
  readonly scheduled?: boolean;
  readonly queuedMessages?: number;
  readonly queuedBytes?: number;
  readonly queuedForMs?: number;
}

export const ada = contextOf('ada', 'tab-1');

/** An open manager with one connection, unless something else is said of it. */
export function manager(shown: Shown = {}, context = ada): WebSocketManager {
  const connections = (shown.connectionStates ?? ['open']).map((state) => {
    const socket = new EventEmitter();
    for (let listener = 0; listener < (shown.errorListeners ?? 1); listener += 1) {
      socket.on('error', () => {});
    }
    return { state, socket };
  });
  const standing = {
    sockets: connections.length,
    reservations: shown.reservations ?? 0,
    scheduled: shown.scheduled ?? false,
    oldestQueuedAtMs:
      shown.queuedForMs === undefined ? undefined : performance.now() - shown.queuedForMs,
  };
  return {
    context,
    isolationKey: context.isolationKey,
    state: shown.state ?? 'open',
    queuedMessages: shown.queuedMessages ?? 0,
    queuedBytes: shown.queuedBytes ?? 0,
    [kSnapshot]: () => standing,
    [kSockets]: () => connections,
  } as unknown as WebSocketManager;
}

export function slotsOf(...managers: WebSocketManager[]): UserSlots<WebSocketManager> {
  const userSlots = new UserSlots<WebSocketManager>('ada');
  for (const each of managers) userSlots.add(each);
  return userSlots;
}

export const pending = (): PendingAcquire<WebSocketManager> => ({ context: ada, waiters: [] });

export function slotTableOf(
  accounts: readonly UserSlots<WebSocketManager>[],
  size?: number,
): SlotTable {
  const held = accounts.reduce((sum, { size }) => sum + size, 0);
  return {
    size: size ?? held,
    allUserSlots: () => accounts,
    find: (userId: string) => accounts.find((userSlots) => userSlots.userId === userId),
  } as SlotTable;
}
