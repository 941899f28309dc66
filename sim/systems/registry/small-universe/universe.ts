/**
 * The small world of the registry: two users with two tabs each, at most two managers a user, and grace periods so
 * short that one tick passes them. Defines its letters and makes the scenarios.
 */

import type { Path } from '../../../run/small-universe.ts';
import { pathOf } from '../../../search/exhaustive/paths.ts';
import type { RegistryScenario } from '../scenario.ts';
import { Plan } from '../workload/plan.ts';

export const users = ['ada', 'bob'] as const;
export const tabsOfEach = [1, 2] as const;

/** The client id that the server's own work acquires: a user with two managers then needs a third one. */
export const workClientId = 'work';

/** One way, in virtual milliseconds, for every segment. */
const latencyMs = 5;
/**
 * Time between two actions. A handshake takes four latencies: at the second action after a `connect` the upgrade is
 * still pending, at the third the connection is open. No sum of times is a multiple of another, so almost no events are
 * simultaneous.
 */
const stepMs = 11;
/** The duration of a tick: more than every grace period, cooldown and interval below. */
export const tickMs = 457;

export const options = {
  maxManagersPerUser: 2,
  birthGraceMs: 103,
  reconnectGraceMs: 307,
  proactiveCooldownMs: 53,
  emergencyCooldownMs: 211,
  emergencyDeadlineMs: 331,
  closeTimeoutMs: 107,
  probeTimeoutMs: 61,
  heartbeatIntervalMs: 401,
  heartbeatTimeoutMs: 151,
} as const;

const tabKinds = ['connect', 'close', 'drop', 'deafen'] as const;
const userKinds = ['acquire', 'cleanup'] as const;

export type TabKind = (typeof tabKinds)[number];

type Letter =
  | { readonly kind: TabKind; readonly tab: string }
  | { readonly kind: (typeof userKinds)[number]; readonly user: string }
  | { readonly kind: 'crash' | 'tick' };

const tabNames = users.flatMap((user) => tabsOfEach.map((number) => `${user}.${number}`));

/** The number of a path encodes their positions: append only. */
export const alphabet: readonly Letter[] = [
  ...tabKinds.flatMap((kind) => tabNames.map((tab): Letter => ({ kind, tab }))),
  ...userKinds.flatMap((kind) => users.map((user): Letter => ({ kind, user }))),
  { kind: 'crash' },
  { kind: 'tick' },
];

export const words = alphabet.map((letter) => {
  if ('tab' in letter) return `${letter.kind} ${letter.tab}`;
  return 'user' in letter ? `${letter.kind} ${letter.user}` : letter.kind;
});

export const description = [
  ['universe', '2 users with 2 tabs each, at most 2 managers a user'],
  [
    'actions',
    'connect, close, drop (reset), deafen of a tab; acquire, cleanup for a user; crash; tick',
  ],
  ['time', `${latencyMs} ms one way; ${stepMs} ms after an action, ${tickMs} ms after a tick`],
] as const;

/** When the first action happens: the server listens by then. */
const firstMs = 10;

export interface Walk {
  readonly scenario: RegistryScenario;
  /** When the time of the last action is over: the first phase of the run ends then. */
  readonly endMs: number;
}

export function walkOf(path: Path, bug: string | undefined): Walk {
  const endMs = path.reduce(
    (atMs, letter) => atMs + (alphabet[letter]?.kind === 'tick' ? tickMs : stepMs),
    firstMs,
  );
  const plan = new Plan({
    name: familyName,
    // One stream for all paths: the draws of an action must not depend on other actions.
    seed: 0,
    durationMs: endMs,
    settleMs: 10_000,
    network: { latencyMs: { min: latencyMs, max: latencyMs } },
    registry: options,
  });
  let atMs = firstMs;
  for (const index of path) {
    const letter = alphabet[index];
    if (letter === undefined) throw new RangeError(`there is no letter ${index}`);
    act(plan, letter, atMs);
    atMs += letter.kind === 'tick' ? tickMs : stepMs;
  }
  return { scenario: plan.scenario(bug), endMs };
}

function act(plan: Plan, letter: Letter, atMs: number): void {
  switch (letter.kind) {
    case 'connect':
      plan.connect(atMs, letter.tab);
      return;
    case 'close':
    case 'drop':
    case 'deafen':
      plan.tab(letter.kind, atMs, letter.tab);
      return;
    case 'acquire':
      plan.acquire(atMs, letter.user, workClientId);
      return;
    case 'cleanup':
      plan.cleanup(atMs, letter.user);
      return;
    case 'crash':
      // The server runs again before the next action.
      plan.fault({ kind: 'kill', atMs, host: 'server', restartAfterMs: 3 });
      return;
    case 'tick':
      return;
  }
}

export const familyName = 'small';

/** Every seed is a path: see `seedOf`. A long one is a random walk through the small world. */
export const small = {
  name: familyName,
  description: 'a path through the small world of --exhaustive: the seed is its number',
  make: (seed: number, { bug }: { readonly bug?: string } = {}): RegistryScenario =>
    walkOf(pathOf(seed, alphabet.length), bug).scenario,
};
