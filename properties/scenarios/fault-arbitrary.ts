/** Arbitraries of faults: what hosts and the network do in a scenario that is drawn. */
import fc from 'fast-check';
import type { Fault } from '../../sim/scenario/scenario.ts';
import { atMs, plain, tab } from './fields.ts';

const restartAfterMs = fc.integer({ min: 1, max: 20 }).map((seconds) => seconds * 500);

/** A tab crashes more often than the server: a run in which all starts anew all the time shows little. */
const host = fc.oneof(
  { weight: 4, arbitrary: tab },
  { weight: 1, arbitrary: fc.constant('server') },
);

const crash = plain({
  kind: fc.constantFrom('kill' as const, 'power-loss' as const),
  atMs,
  host,
  restartAfterMs,
});

const cut = plain({ kind: fc.constantFrom('reset' as const, 'half-open' as const), atMs, host });

const changedAddress = plain({ kind: fc.constant('address-change' as const), atMs, host: tab });

/** Shorter and longer than a probe, and than a heartbeat is patient. */
const spellMs = fc.constantFrom(300, 3_000, 12_000);

const stall = plain({ kind: fc.constant('pause' as const), atMs, host, durationMs: spellMs });

const partition = plain({
  kind: fc.constant('partition' as const),
  atMs,
  host,
  durationMs: spellMs,
  direction: fc.constantFrom('both' as const, 'in' as const, 'out' as const),
});

const clockJump = plain({
  kind: fc.constant('clock-jump' as const),
  atMs,
  host: fc.constant('server'),
  byMs: fc.constantFrom(-3_600_000, -5_000, 5_000, 86_400_000),
});

export const fault: fc.Arbitrary<Fault> = fc.oneof(
  { weight: 3, arbitrary: crash },
  { weight: 3, arbitrary: cut },
  { weight: 1, arbitrary: changedAddress },
  { weight: 1, arbitrary: stall },
  { weight: 1, arbitrary: partition },
  { weight: 1, arbitrary: clockJump },
);
