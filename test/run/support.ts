/** What the tests of the engine share: a small scenario, hosts made of functions, and what was seen. */

import type { TraceRecord } from '../../sim/engine/trace.ts';
import type { Invariant } from '../../sim/run/invariant.ts';
import type { Outcome } from '../../sim/run/outcome.ts';
import { type SimulateOptions, simulateSystem } from '../../sim/run/simulate-system.ts';
import type { SimulatedSystem } from '../../sim/run/simulated-system.ts';
import type { World } from '../../sim/run/world.ts';
import { defaultNetwork, type Fault, type NetworkProfile } from '../../sim/scenario/scenario.ts';

/** What a process does when it starts. Called again at every restart of its host, with the number of the start. */
export type Boot = (incarnation: number) => void;

export interface RunOptions extends SimulateOptions {
  readonly seed?: number;
  readonly network?: Partial<NetworkProfile>;
  readonly faults?: readonly Fault[];
  readonly durationMs?: number;
  readonly settleMs?: number;
  readonly invariants?: readonly Invariant<SimulatedSystem>[];
  /** Done at stated virtual times, as an event of its own, outside any host. */
  readonly at?: Readonly<Record<number, (world: World) => void>>;
  readonly beforeChecks?: (world: World) => void;
  readonly setUp?: (world: World) => void;
  /** The engine to run on. @default the one that ships */
  readonly simulate?: typeof simulateSystem;
}

/** One millisecond each way and whole segments, so that times can be reckoned in the head. */
export const plainNetwork: NetworkProfile = {
  ...defaultNetwork,
  latencyMs: { min: 1, max: 1 },
};

/** Runs hosts, in the order in which they are given, and gives the outcome. */
export function run(hosts: Readonly<Record<string, Boot>>, options: RunOptions = {}) {
  const { seed = 1, faults = [], durationMs = 1_000, settleMs = 0, at = {} } = options;
  const times = Object.keys(at).map(Number);
  const system: SimulatedSystem = {
    setUp(world) {
      options.setUp?.(world);
      for (const [name, boot] of Object.entries(hosts)) {
        const host = world.addHost(name, () => boot(host.incarnations));
      }
    },
    perform: (world, action) => at[action.atMs]?.(world),
    leave() {},
    faults: () => ({}),
    metrics: () => ({}),
    ...(options.beforeChecks === undefined ? {} : { beforeChecks: options.beforeChecks }),
  };
  const scenario = {
    format: 1 as const,
    name: 'test',
    seed,
    network: { ...plainNetwork, ...options.network },
    actions: times.map((atMs) => ({ atMs, kind: 'at' })),
    faults,
    durationMs,
    settleMs,
    settings: null,
  };
  const { simulate = simulateSystem, invariants = [] } = options;
  return simulate({ scenario, system, invariants }, options);
}

/** A run that must pass: what went wrong instead is the error. */
export async function runClean(
  hosts: Readonly<Record<string, Boot>>,
  options: RunOptions = {},
): Promise<Outcome> {
  const outcome = await run(hosts, options);
  if (outcome.verdict !== 'passed') {
    throw new Error(`${outcome.failure?.invariant}: ${outcome.failure?.detail}
${outcome.failure?.stack ?? ''}`);
  }
  return outcome;
}

/** A run with its trace. */
export async function traced(
  hosts: Readonly<Record<string, Boot>>,
  options: RunOptions = {},
): Promise<{ readonly outcome: Outcome; readonly trace: readonly TraceRecord[] }> {
  const trace: TraceRecord[] = [];
  const outcome = await runClean(hosts, { ...options, onTrace: (record) => trace.push(record) });
  return { outcome, trace };
}

/** Virtual milliseconds since the start of the run, as code under test sees them. */
export function now(): number {
  return performance.now();
}
