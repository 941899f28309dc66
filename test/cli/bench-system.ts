/** A system that simulates nothing, and an `Io` without a process: what the command line does is seen in arrays. */

import type { ExitStatus, Io, TraceSink } from '../../sim/cli/io.ts';
import { main } from '../../sim/cli/main.ts';
import type { Outcome } from '../../sim/run/outcome.ts';
import type { RunOptions } from '../../sim/run/run.ts';
import { plainShape, type ScenarioShape } from '../../sim/run/scenario-shape.ts';
import type { System } from '../../sim/run/system.ts';
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
function outcomeOf({ name, seed, settings }: Scenario): Outcome {
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
    reached: seed % 3 === 0 ? { 'an acquire was refused at the limit': 2 } : {},
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
const shape: ScenarioShape = {
  ...plainShape,
  ownersLabel: 'users and tabs',
  check: ({ settings }) => {
    if (typeof settings !== 'object') throw new Error('scenario.settings must be an object');
  },
  bugOf: ({ settings }) => (settings as { readonly bug: string | null }).bug,
  withBug: (scenario, bug) => ({ ...scenario, settings: { bug } }),
};

export const system: System = {
  name: 'bench',
  description: 'Simulates nothing.',
  families: [
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
  shape,
  oracles: [
    { name: 'no manager leaks', guarantee: 'G7', description: 'all are gone at the end' },
    { name: 'every key has one owner', guarantee: 'G2', description: 'keys are injective' },
  ],
  figures: {
    rows: [
      { name: 'managersPeak', label: 'managers at the peak' },
      { name: 'refused', label: 'refused' },
      { name: 'proactiveCleanups', label: 'proactive cleanups', longest: 'proactiveLongestMs' },
      { name: 'emergencyCleanups', label: 'emergency cleanups', longest: 'emergencyLongestMs' },
    ],
    summary: ['emergencyLongestMs'],
  },
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
  describe: () => [
    ['users', '6'],
    ['latency', '1 to 10 ms'],
  ],
  prepare: () => {
    throw new Error('the bench makes no hosts');
  },
};

/** What stands for the simulator: an outcome without a run. */
export type FakeSimulate = (
  scenario: Scenario,
  options?: Omit<RunOptions, 'system' | 'onTrace'> & { onTrace?: (record: object) => void },
) => Promise<Outcome>;

export const simulate: FakeSimulate = async (scenario, options) => {
  options?.onTrace?.({ kind: 'start', seed: scenario.seed });
  options?.onTrace?.({ kind: 'end' });
  return outcomeOf(scenario);
};

export interface Ran {
  readonly status: ExitStatus;
  readonly out: string;
  readonly err: string;
}

export interface Changes {
  readonly io?: Partial<Io>;
  readonly system?: Partial<System>;
  readonly simulate?: FakeSimulate;
}

/** Runs the command line on `args`, split at spaces. `changes` replace parts of the `Io`, the system, or the simulator. */
export async function run(args: string | readonly string[], changes: Changes = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const made = { ...system, ...changes.system };
  const io = ioOf(changes.simulate ?? simulate, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    ...changes.io,
  });
  const { name, description } = made;
  const entry = { name, command: name, description, defaultScenario: 'swarm', options: [] };
  const given = typeof args === 'string' ? args.split(' ').filter((arg) => arg !== '') : args;
  const status = await main(given, io, [{ ...entry, open: () => made }]);
  return { status, out, err };
}

/** An `Io` whose clock goes on by a millisecond at each look, with parts of it replaced. */
export function ioOf(fake: FakeSimulate, changes: Partial<Io>): Io {
  let nowMs = 0;
  return {
    simulate: async (scenario, { system: { name }, onTrace, ...options }) => {
      const traced = onTrace && { onTrace: onTrace as (record: object) => void };
      return { system: name, scenario, outcome: await fake(scenario, { ...options, ...traced }) };
    },
    out: () => {},
    err: () => {},
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
    // What worker threads do is tested with worker threads.
    startWorker: () => {
      throw new Error('the bench has no worker threads');
    },
    codeDigest: () => 'code',
    ...changes,
  };
}

const ignored: TraceSink = { write: () => {}, restart: () => {}, close: () => undefined };
