/** Acquires as an upgrade makes them: past the public call, with a waiter that can be given up. */
import type { Waiter } from '../../../src/admission/slot-table.ts';
import type { WebSocketManager } from '../../../src/index.ts';
import { kCore } from '../../../src/internal/symbols.ts';
import { contextOf } from './bench.ts';
import type { ClockBench } from './clock.ts';

interface PendingWaiter {
  readonly waiter: Waiter;
  given: WebSocketManager | undefined;
  refusal: unknown;
}

/** Asks for a manager of `ada` as an upgrade does, that is with a reservation. Returns what comes of it, so far nothing. */
export function admit({ registry }: ClockBench, client: string): PendingWaiter {
  const pending: PendingWaiter = {
    waiter: {
      reserve: true,
      wanted: true,
      resolve: (manager) => {
        pending.given = manager;
      },
      reject: (error) => {
        pending.refusal = error;
      },
    },
    given: undefined,
    refusal: undefined,
  };
  registry[kCore].admit(contextOf('ada', client), pending.waiter);
  return pending;
}
