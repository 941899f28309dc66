/** A lab without a simulator, and an `Io` without a process: what the command line does is seen in arrays. */

import type { Ending } from '../../sim/cli/exit-status.ts';
import type { Io, TraceSink } from '../../sim/cli/io.ts';
import type { Lab } from '../../sim/cli/lab.ts';
import { main } from '../../sim/cli/main.ts';
import type { Outcome } from '../../sim/run/outcome.ts';
import { defaultNetwork, type Scenario } from '../../sim/scenario/scenario.ts';

function scenarioOf(name: string, seed: number, bug?: string): Scenario {
  return {
    format: 1,
    name,
    seed,
    network: defaultNetwork,
    actions: [],
    faults: [],
    durationMs: 1_000,
    settleMs: 1_000,
    settings: { bug: bug ?? null },
  };
}

/** Every seed passes; with the bug `leak`, odd seeds fail. Seed 13 throws inside the simulator itself. */
export function outcomeOf({ name, seed, settings }: Scenario): Outcome {
  const planted = settings as { readonly bug: string | null };
  if (seed === 13) throw new TypeError('the loop lost its queue');
  const isBroken = planted.bug === 'leak' && seed % 2 === 1;
  return {
    scenario: name,
    seed,
    verdict: isBroken ? 'failed' : 'passed',
    digest: seed.toString(16).padStart(64, '0'),
    virtualMs: 93_250,
    events: 500 + seed,
    connections: 30 + seed,
    wireBytes: 12_345,
    faults: { reset: 3, kill: seed % 2 },
    metrics: {
      managersPeak: 10 + seed,
      proactiveCleanups: 2,
      proactiveLongestMs: 120,
      emergencyCleanups: 1,
      emergencyLongestMs: 4_000,
      refused: 1,
    },
    reached: seed % 3 === 0 ? { 'a limit was refused': 2 } : {},
    invariants: [
      { name: 'no manager leaks', checks: 500 + seed, failures: isBroken ? 1 : 0 },
      { name: 'every key has one owner', checks: 20, failures: 0 },
    ],
    ...(isBroken
      ? {
          failure: {
            invariant: 'no manager leaks',
            detail: 'user ada holds 1 dead manager',
            atMs: 61_500,
            event: 321,
            lastEvent: 'server reset client-3',
          },
        }
      : {}),
  };
}

/** Nothing in these scenarios comes apart. */
export const scenarioShape: Lab['scenarioShape'] = {
  ownersLabel: 'users and tabs',
  check: ({ settings }) => {
    if (typeof settings !== 'object') throw new Error('scenario.settings must be an object');
  },
  bugOf: ({ settings }) => (settings as { readonly bug: string | null }).bug,
  withBug: (scenario, bug) => ({ ...scenario, settings: { bug } }),
  isExpectation: () => false,
  ownersOf: () => [],
  tighterSettings: () => [],
  simplerActions: () => [],
  simplerSettings: () => [],
};

export const lab: Lab = {
  scenarios: [
    {
      name: 'swarm',
      description: 'everything',
      make: (seed, options) => scenarioOf('swarm', seed, options?.bug),
    },
    {
      name: 'multi-tab',
      description: 'eight tabs',
      make: (seed, options) => scenarioOf('multi-tab', seed, options?.bug),
    },
  ],
  bugs: [
    {
      name: 'leak',
      description: 'nothing is let go',
      guarantees: ['G7'],
      caughtBy: 'no manager leaks',
    },
    {
      name: 'issue-108',
      description: 'looked up afresh',
      guarantees: ['G1', 'G7'],
      caughtBy: 'no manager leaks',
    },
  ],
  invariants: [
    { name: 'no manager leaks', guarantee: 'G7', description: 'all are gone at the end' },
    { name: 'every key has one owner', guarantee: 'G2', description: 'keys are injective' },
  ],
  scenarioShape,
  async simulate(scenario, options) {
    options?.onTrace?.({ kind: 'start', seed: scenario.seed });
    options?.onTrace?.({ kind: 'end' });
    return outcomeOf(scenario);
  },
  describeScenario: () => [
    ['users', '6'],
    ['latency', '1 to 10 ms'],
  ],
};

export interface Ran {
  readonly ending: Ending;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line on `words`, split at spaces. `changes` replace parts of the `Io` or the lab. */
export async function run(
  words: string | readonly string[],
  changes: { readonly io?: Partial<Io>; readonly lab?: Partial<Lab> } = {},
): Promise<Ran> {
  let out = '';
  let err = '';
  let nowMs = 0;
  const io: Io = {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    terminal: undefined,
    nowMs: () => {
      nowMs += 1;
      return nowMs;
    },
    drawSeed: () => 4_711,
    turn: async () => {},
    onInterrupt: () => () => {},
    openTrace: () => ignored,
    readText: () => undefined,
    replaceText: () => {},
    writeText: () => {},
    parallelism: 1,
    // What threads do is tested with threads.
    startThread: () => {
      throw new Error('the bench has no threads');
    },
    codeDigest: () => 'code',
    ...changes.io,
  };
  const args = typeof words === 'string' ? words.split(' ').filter((word) => word !== '') : words;
  const ending = await main(args, io, { ...lab, ...changes.lab });
  return { ending, out, err };
}

const ignored: TraceSink = { write: () => {}, restart: () => {}, close: () => undefined };
