/**
 * Arbitraries of scenarios. Times are absolute and randomness is keyed, so taking an action away leaves all others where
 * they were: that is what makes a failure shrink to the few actions that matter.
 */
import fc from 'fast-check';
import { defaultNetwork } from '../sim/engine/scenario.ts';
import type { RegistryAction, RegistryScenario } from '../sim/registry/scenario.ts';
import { fault } from './faults.ts';
import { atMs, durationMs, plain, tab, user } from './places.ts';

/** Three client ids for ten tabs: some tabs share a thread, most have one of their own. */
const clientId = fc.option(fc.constantFrom('shared', 'other'), { nil: undefined, freq: 3 });

/** One in two of those who share a thread also claim to be the same connection. */
const connectionId = fc.constantFrom(null, 'main');

/** What a tab does after a while: within the handshake, right after it, or when it has been there for long. */
const departure = fc.option(
  plain({
    kind: fc.constantFrom('close', 'drop', 'deafen', 'reload', 'move'),
    afterMs: fc.constantFrom(1, 7, 30, 250, 5_000),
  }),
  { nil: undefined },
);

/** A tab comes, and perhaps goes: two actions that are seldom drawn so close together by themselves. */
const visit = plain({ atMs, tab, clientId, connectionId, retry: fc.boolean(), departure }).map(
  ({ atMs: at, tab: name, clientId: shared, connectionId: id, retry, departure: end }) => {
    const connect: RegistryAction = {
      kind: 'connect',
      atMs: at,
      tab: name,
      clientId: shared ?? `client-of-${name}`,
      threadId: null,
      connectionId: shared === undefined ? null : id,
      retry,
    };
    if (end === undefined) return [connect];
    return [connect, { kind: end.kind, atMs: at + end.afterMs, tab: name } as RegistryAction];
  },
);

const ofTab = plain({
  atMs,
  tab,
  kind: fc.constantFrom('close', 'drop', 'deafen', 'reload', 'release', 'post', 'post'),
}).map((action) => [action as RegistryAction]);

const talk = fc.oneof(
  plain({
    kind: fc.constant('say' as const),
    atMs,
    tab,
    characters: fc.constantFrom(1, 126, 5_000),
  }),
  plain({
    kind: fc.constant('flood' as const),
    atMs,
    tab,
    messages: fc.constantFrom(1, 60),
    characters: fc.constantFrom(1, 3_000),
  }),
);

const work = fc.oneof(
  plain({
    kind: fc.constant('acquire' as const),
    atMs,
    user,
    clientId: fc.constantFrom('shared', 'other', 'work'),
  }),
  plain({ kind: fc.constant('cleanup' as const), atMs, user }),
);

const terminate = plain({
  kind: fc.constant('terminate' as const),
  atMs,
  drainMs: fc.constantFrom(0, 100, 5_000),
  downMs: fc.constantFrom(500, 5_000),
});

/** Visits are the most frequent, since nothing happens without them; a server that always ends shows little. */
const actions = fc
  .array(
    fc.oneof(
      { weight: 10, arbitrary: visit },
      { weight: 6, arbitrary: ofTab },
      { weight: 2, arbitrary: talk.map((action) => [action]) },
      { weight: 3, arbitrary: work.map((action) => [action]) },
      { weight: 1, arbitrary: terminate.map((action) => [action]) },
    ),
    // Without a size fast-check makes ten at most, whatever the greatest length is.
    { maxLength: 30, size: 'max' },
  )
  .map((groups): readonly RegistryAction[] => groups.flat());

/** A small limit makes three tabs a crowd; twenty is the one that ships. Small bounds are met within a minute. */
const registry = plain({
  maxManagersPerUser: fc.constantFrom(2, 3, 20),
  reconnectGraceMs: fc.constantFrom(30_000, 5_000),
  outboxMaxMessages: fc.constantFrom(1_000, 2),
  maxBufferedBytes: fc.constantFrom(4_194_304, 20_000),
});

/** Interleavings of what clients, the server's own work, operators, hosts and the network do. */
export const scenarioArbitrary: fc.Arbitrary<RegistryScenario> = plain({
  actions,
  faults: fc.array(fault, { maxLength: 5 }),
  registry,
  authenticationMs: fc.constantFrom(0, 50),
  seed: fc.integer({ min: 0, max: 1_000 }),
}).map(({ authenticationMs, registry: options, seed, ...what }) => ({
  format: 1,
  name: 'property',
  seed,
  network: defaultNetwork,
  ...what,
  durationMs,
  settleMs: 90_000,
  settings: {
    registry: options,
    authenticationMs: { min: 0, max: authenticationMs },
    bug: null,
  },
}));
