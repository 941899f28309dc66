/**
 * Arbitraries of scenarios. Times are absolute and randomness is keyed, so taking an action away leaves all others where
 * they were: that is what makes a failure shrink to the few actions that matter.
 */
import fc from 'fast-check';
import { defaultNetwork, type Fault } from '../sim/engine/scenario.ts';
import type { RegistryAction, RegistryScenario } from '../sim/registry/scenario.ts';

/** Few users on purpose: collisions on one user are where the bugs are. */
const user = fc.constantFrom('ada', 'bob');

/** Enough tabs to pass a limit of three, and few enough that two actions often mean the same one. */
const tabNumber = fc.integer({ min: 1, max: 5 });

const tab = fc.tuple(user, tabNumber).map(([name, number]) => `${name}.${number}`);

/** Long enough for a grace of 30 s and a reconnect after it. */
const durationMs = 60_000;

/** Coarse, so that actions meet at the same instant, and with a fine part, so that they also just miss each other. */
const atMs = fc
  .tuple(fc.integer({ min: 0, max: 59 }), fc.constantFrom(0, 0, 1, 7, 250))
  .map(([second, fineMs]) => second * 1_000 + fineMs);

/** Three client ids for ten tabs: some tabs share a thread, most have one of their own. */
const clientId = fc.option(fc.constantFrom('shared', 'other'), { nil: undefined, freq: 3 });

const connect = fc.record({ atMs, tab, clientId, retry: fc.boolean() }).map(
  ({ atMs: at, tab: name, clientId: shared, retry }): RegistryAction => ({
    kind: 'connect',
    atMs: at,
    tab: name,
    clientId: shared ?? `client-of-${name}`,
    threadId: null,
    connectionId: null,
    retry,
  }),
);

const ofTab = fc
  .record({ atMs, tab, kind: fc.constantFrom('close', 'drop', 'deafen') })
  .map((action): RegistryAction => ({ ...action }) as RegistryAction);

const say = fc
  .record({ atMs, tab, characters: fc.constantFrom(1, 126, 5_000) })
  .map((action): RegistryAction => ({ kind: 'say', ...action }));

const work = fc
  .record({ atMs, user, clientId: fc.constantFrom('shared', 'other', 'work') })
  .map((action): RegistryAction => ({ kind: 'acquire', ...action }));

/** Connects are the most frequent, since nothing happens without them. */
const action = fc.oneof(
  { weight: 5, arbitrary: connect },
  { weight: 3, arbitrary: ofTab },
  { weight: 1, arbitrary: say },
  { weight: 1, arbitrary: work },
);

const restartAfterMs = fc.integer({ min: 1, max: 20 }).map((seconds) => seconds * 500);

/** A tab crashes more often than the server: a run in which all starts anew all the time shows little. */
const host = fc.oneof(
  { weight: 4, arbitrary: tab },
  { weight: 1, arbitrary: fc.constant('server') },
);

const crash = fc
  .record({ kind: fc.constantFrom('kill', 'power-loss'), atMs, host, restartAfterMs })
  .map((fault): Fault => fault as Fault);

const cut = fc
  .record({ kind: fc.constantFrom('reset', 'half-open'), atMs, host })
  .map((fault): Fault => fault as Fault);

const fault = fc.oneof(crash, cut);

/** A small limit makes three tabs a crowd; twenty is the one that ships. */
const maxManagersPerUser = fc.constantFrom(2, 3, 20);

/** Interleavings of connect, disconnect, message, crash, power loss and restart. */
export const scenarioArbitrary: fc.Arbitrary<RegistryScenario> = fc
  .record({
    actions: fc.array(action, { maxLength: 40 }),
    faults: fc.array(fault, { maxLength: 5 }),
    maxManagersPerUser,
    authenticationMs: fc.constantFrom(0, 50),
    seed: fc.integer({ min: 0, max: 1_000 }),
  })
  .map(({ actions, faults, maxManagersPerUser: limit, authenticationMs, seed }) => ({
    format: 1,
    name: 'property',
    seed,
    network: defaultNetwork,
    actions,
    faults,
    durationMs,
    settleMs: 90_000,
    settings: {
      registry: { maxManagersPerUser: limit },
      authenticationMs: { min: 0, max: authenticationMs },
      bug: null,
    },
  }));
