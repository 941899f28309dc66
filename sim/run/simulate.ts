/**
 * Runs one scenario and gives its outcome. First safety: faults on, invariants after every event. Then liveness: faults
 * stop, the network heals, hosts restart, clients leave, and within `settleMs` of virtual time what must hold at rest
 * must hold.
 */
import '../platform/install.ts';
import { SimulationError } from '../engine/errors.ts';
import { beforeTimers } from '../engine/event-queue.ts';
import { type LoopOptions, runUntil } from '../engine/loop.ts';
import type { TraceRecord } from '../engine/trace.ts';
import { resumeAll } from '../process/pause.ts';
import type { Action, Fault, Json, Scenario } from '../scenario/scenario.ts';
import { assertScenario, assertSimulation } from '../scenario/validate.ts';
import { applyFault, hostsOf } from './apply-fault.ts';
import { Checker, engineInvariants, type Invariant } from './invariant.ts';
import type { Failure, Outcome, Verdict } from './outcome.ts';
import { type Crash, World } from './world.ts';

/** What is simulated: the engine asks, the system answers in terms of hosts and sockets. */
export interface SystemUnderTest<A extends Action = Action> {
  /** Adds its hosts to the world. Called once, before time begins; the engine boots them at 0. */
  setUp(world: World): void;
  /** Does one action, as an event of its own. */
  perform(world: World, action: A): void;
  /** Faults have stopped, the network is whole, every host is up: clients leave. */
  leave(world: World): void;
  /** A fault of the scenario has struck. */
  faultStruck?(world: World, fault: Fault): void;
  /** Called after every event, before the invariants. */
  beforeChecks?(world: World): void;
  /** Everything is over: called once, before the last look at all invariants. */
  beforeFinalCheck?(world: World): void;
  /** Called after every event, after the invariants. */
  afterChecks?(): void;
  /** Fault classes of its own that struck, with how often. */
  faults(): Readonly<Record<string, number>>;
  /** Its figures, for the outcome. */
  metrics(): Readonly<Record<string, number>>;
}

export interface SimulateOptions extends LoopOptions {
  /** Called with one record an event, in order. */
  readonly onTrace?: ((record: TraceRecord) => void) | undefined;
  /** @default 100_000 */
  readonly eventsPerInstantMax?: number;
}

export interface Simulation<A extends Action, Settings, System extends SystemUnderTest<A>> {
  readonly scenario: Scenario<A, Settings>;
  readonly system: System;
  readonly invariants: readonly Invariant<System>[];
}

/**
 * A run owns the process: a second concurrent call throws `ERR_SIM_CONCURRENT_RUN`. What the code under test throws is
 * part of the outcome; this rejects only for a scenario that is not one, or for a mistake in the simulator.
 */
export async function simulateSystem<
  A extends Action,
  Settings extends Json,
  System extends SystemUnderTest<A>,
>(
  { scenario, system, invariants }: Simulation<A, Settings, System>,
  options: SimulateOptions = {},
): Promise<Outcome> {
  assertScenario(scenario);
  assertSimulation(system, invariants);
  const world = new World({
    seed: scenario.seed,
    network: scenario.network,
    onTrace: options.onTrace,
    ...(options.eventsPerInstantMax === undefined
      ? {}
      : { eventsPerInstantMax: options.eventsPerInstantMax }),
  });
  const checker = new Checker(invariants);
  const faults = new Map<string, number>();
  const at = () => ({ atMs: world.nowMs, event: world.event, lastEvent: world.lastEvent });
  try {
    system.setUp(world);
    scheduleAll(world, scenario, system, faults);
    world.afterEvent = () => {
      system.beforeChecks?.(world);
      checker.check('always', system, at);
      system.afterChecks?.();
      if (checker.failure !== undefined) world.halted = true;
    };
    await runUntil(world, scenario.durationMs + scenario.settleMs, options);
    if (world.crash === undefined && !world.halted) {
      // A deadline may have passed since the last event.
      system.beforeFinalCheck?.(world);
      checker.check('always', system, at);
      checker.check('settled', system, at);
    }
    return makeOutcome(world, scenario, system, checker, faults);
  } finally {
    world.dispose();
  }
}

function scheduleAll<A extends Action>(
  world: World,
  scenario: Scenario<A, Json>,
  system: SystemUnderTest<A>,
  faults: Map<string, number>,
): void {
  const plan = (
    kind: 'boot' | 'action' | 'fault' | 'phase',
    atMs: number,
    id: number,
    fire: () => void,
    data?: unknown,
  ) => world.schedule({ kind, atMs, side: beforeTimers, owner: undefined, id, fire, data });
  for (const host of world.hosts) plan('boot', 0, host.ordinal, () => world.boot(host));
  scenario.actions.forEach((action, index) => {
    plan('action', action.atMs, index, () => system.perform(world, action), action);
  });
  scenario.faults.forEach((fault, index) => {
    // Throws for a host that the system does not have, before anything runs.
    for (const name of hostsOf(fault)) world.host(name);
    const strike = () => {
      if (!applyFault(world, fault)) return;
      faults.set(fault.kind, (faults.get(fault.kind) ?? 0) + 1);
      system.faultStruck?.(world, fault);
    };
    plan('fault', fault.atMs, index, strike, fault);
  });
  plan('phase', scenario.durationMs, 0, () => {
    for (const host of world.hosts) {
      host.recover(world.nowMs);
      world.boot(host);
    }
    world.network.repairAll();
    const leave = () => system.leave(world);
    if (resumeAll(world)) plan('phase', scenario.durationMs, 1, leave);
    else leave();
  });
}

function makeOutcome<A extends Action>(
  world: World,
  scenario: Scenario<A, Json>,
  system: SystemUnderTest<A>,
  checker: Checker<never>,
  faults: ReadonlyMap<string, number>,
): Outcome {
  const crash = world.crash === undefined ? undefined : describeCrash(world, world.crash);
  const failure = crash ?? checker.failure;
  const verdict: Verdict =
    crash !== undefined ? 'crashed' : failure !== undefined ? 'failed' : 'passed';
  const uncaught = { name: engineInvariants.uncaught, checks: world.event, failures: 0 };
  return {
    scenario: scenario.name,
    seed: scenario.seed,
    verdict,
    virtualMs: world.nowMs,
    events: world.event,
    connections: world.network.established,
    wireBytes: world.wireBytes,
    faults: { ...Object.fromEntries(faults), ...system.faults() },
    metrics: system.metrics(),
    reached: Object.fromEntries(world.reached),
    invariants: [
      { ...uncaught, failures: crash?.invariant === uncaught.name ? 1 : 0 },
      ...checker.counts(),
    ],
    ...(failure === undefined ? {} : { failure }),
    digest: world.digest(),
  };
}

function describeCrash(world: World, { error, host }: Crash): Failure {
  const where = host === undefined ? '' : ` on host ${host}`;
  return {
    invariant: invariantOf(error),
    detail: `${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}${where}`,
    atMs: world.nowMs,
    event: world.event,
    lastEvent: world.lastEvent,
    ...(error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {}),
  };
}

function invariantOf(error: unknown): string {
  if (!(error instanceof SimulationError)) return engineInvariants.uncaught;
  switch (error.code) {
    case 'ERR_SIM_LIVELOCK':
      return engineInvariants.livelock;
    case 'ERR_SIM_HANG':
      return engineInvariants.hang;
    case 'ERR_SIM_STOPPED':
      return engineInvariants.stopped;
    case 'ERR_SIM_ESCAPE':
      return engineInvariants.escape;
    default:
      return engineInvariants.uncaught;
  }
}
