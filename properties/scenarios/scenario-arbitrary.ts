/**
 * Arbitraries of scenarios. Times are absolute and randomness is keyed, so taking an action away leaves all others where
 * they were: that is what makes a failure shrink to the few actions that matter.
 */
import fc from 'fast-check';
import { defaultNetwork } from '../../sim/scenario/scenario.ts';
import type { RegistryAction, RegistryScenario } from '../../sim/systems/registry/scenario.ts';
import { fault } from './fault-arbitrary.ts';
import { atMs, durationMs, plain, tab, user } from './fields.ts';

/** Three client ids for ten tabs: some tabs share a thread, most have one of their own. */
const clientId = fc.constantFrom(undefined, undefined, undefined, 'shared', 'other');

/** One in two of those who share a thread also claim to be the same connection. */
const connectionId = fc.constantFrom(null, 'main');

/** What a tab does after a while: within the handshake, right after it, or when it has been there for long. */
const departure = fc.option(
  plain({
    kind: fc.constantFrom('close', 'drop', 'deafen', 'reload', 'move'),
    afterMs: fc.constantFrom(1, 7, 30, 250, 2_000),
  }),
  { nil: undefined, freq: 3 },
);

/** It comes back, within every grace or after the shorter one; meanwhile the server may have posted to it. */
const comeback = fc.option(
  plain({ afterMs: fc.constantFrom(60, 500, 7_000), misses: fc.boolean() }),
  { nil: undefined },
);

interface Visit {
  readonly atMs: number;
  readonly tab: string;
  readonly clientId: string | undefined;
  readonly connectionId: string | null;
  readonly retry: boolean;
  readonly departure: { readonly kind: string; readonly afterMs: number } | undefined;
  readonly comeback: { readonly afterMs: number; readonly misses: boolean } | undefined;
}

/** A tab comes, and perhaps goes and comes again: actions that are seldom drawn so close together by themselves. */
const visit = plain<Visit>({
  atMs,
  tab,
  clientId,
  connectionId,
  retry: fc.boolean(),
  departure,
  comeback,
}).map(actionsOf);

function actionsOf({ atMs: at, tab: name, departure: end, comeback: again, ...how }: Visit) {
  const connect = (when: number): RegistryAction => ({
    kind: 'connect',
    atMs: when,
    tab: name,
    clientId: how.clientId ?? `client-of-${name}`,
    threadId: null,
    connectionId: how.clientId === undefined ? null : how.connectionId,
    retry: how.retry,
  });
  const visited: RegistryAction[] = [connect(at)];
  if (end === undefined) return visited;
  const endMs = at + end.afterMs;
  visited.push({ kind: end.kind, atMs: endMs, tab: name } as RegistryAction);
  if (again === undefined) return visited;
  if (again.misses) visited.push({ kind: 'post', atMs: endMs + 40, tab: name });
  return [...visited, connect(endMs + again.afterMs)];
}

/** Several tabs of one user within a moment, some of which fall silent, and one more a little later. */
const crowd = plain({
  atMs,
  user,
  deaf: fc.array(fc.boolean(), { minLength: 2, maxLength: 4 }),
  lastAfterMs: fc.constantFrom(600, 3_000, 5_000),
}).map(({ atMs: at, user: name, deaf, lastAfterMs }) => {
  const come = (number: number, when: number) => {
    const how = { clientId: undefined, connectionId: null, retry: false };
    const alone = { departure: undefined, comeback: undefined };
    return actionsOf({ atMs: when, tab: `${name}.${number}`, ...how, ...alone });
  };
  const arrivals = deaf.flatMap((isDeaf, index) => {
    const number = index + 1;
    const falls = { kind: 'deafen', atMs: at + 500, tab: `${name}.${number}` } as RegistryAction;
    return [...come(number, at + index), ...(isDeaf ? [falls] : [])];
  });
  return [...arrivals, ...come(deaf.length + 1, at + lastAfterMs)];
});

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

/** Once at most: a server that starts anew all the time shows little. */
const terminate = plain({
  kind: fc.constant('terminate' as const),
  atMs,
  drainMs: fc.constantFrom(0, 100, 5_000),
  downMs: fc.constantFrom(500, 5_000),
});

/** Visits are the most frequent, since nothing happens without them. */
const actions = fc
  .array(
    fc.oneof(
      { weight: 10, arbitrary: visit },
      { weight: 6, arbitrary: ofTab },
      { weight: 2, arbitrary: talk.map((action) => [action]) },
      { weight: 3, arbitrary: work.map((action) => [action]) },
      { weight: 1, arbitrary: crowd },
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
  end: fc.option(terminate, { nil: undefined, freq: 2 }),
  faults: fc.array(fault, { maxLength: 4 }),
  registry,
  authenticationMs: fc.constantFrom(0, 50),
  seed: fc.integer({ min: 0, max: 1_000 }),
}).map(({ actions: some, end, faults, authenticationMs, registry: options, seed }) => ({
  format: 1,
  name: 'property',
  seed,
  network: defaultNetwork,
  actions: end === undefined ? some : [...some, end],
  faults,
  durationMs,
  settleMs: 90_000,
  settings: {
    registry: options,
    authenticationMs: { min: 0, max: authenticationMs },
    bug: null,
  },
}));
