/**
 * Runs one scenario and returns its outcome. The first phase checks safety: faults are on, and invariants are checked
 * after every event. The second checks liveness: faults stop, the network heals, hosts restart, clients leave, and the
 * settled invariants must hold within `settleMs` of virtual time.
 */
import '../platform/install.ts';
import { beforeTimers } from '../engine/event-queue.ts';
import { type LoopOptions, runUntil } from '../engine/loop.ts';
import type { TraceRecord } from '../engine/trace.ts';
import { resumeAll } from '../process/pause.ts';
import type { Action, Json, Scenario } from '../scenario/scenario.ts';
import { assertScenario, assertSimulation } from '../scenario/validate.ts';
import { applyFault, hostsOf } from './apply-fault.ts';
import { Checker, type Invariant } from './invariant.ts';
import { makeOutcome } from './make-outcome.ts';
import type { Outcome } from './outcome.ts';
import { hooks, type SimulatedSystem } from './simulated-system.ts';
import { World } from './world.ts';

export interface SimulateOptions extends LoopOptions {
  /** Called with one record per event, in order. */
  readonly onTrace?: ((record: TraceRecord) => void) | undefined;
  /** @default 100_000 */
  readonly eventsPerInstantMax?: number;
}

export interface Simulation<A extends Action, Settings, System extends SimulatedSystem<A>> {
  readonly scenario: Scenario<A, Settings>;
  readonly system: System;
  readonly invariants: readonly Invariant<System>[];
}

/**
 * A run owns the process: a second concurrent call throws `ERR_SIM_CONCURRENT_RUN`. Errors of the code under test are
 * part of the outcome; the promise rejects only for an invalid scenario, or for a mistake in the simulator.
 */
export async function simulateSystem<
  A extends Action,
  Settings extends Json,
  System extends SimulatedSystem<A>,
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
      hooks.beforeChecks(system, world);
      checker.check('always', system, at);
      hooks.afterChecks(system);
      if (checker.failure !== undefined) world.halted = true;
    };
    await runUntil(world.engine, scenario.durationMs + scenario.settleMs, options);
    if (world.crash === undefined && !world.halted) {
      // A deadline may have passed since the last event.
      hooks.beforeFinalCheck(system, world);
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
  system: SimulatedSystem<A>,
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
    // Throws for an unknown host, before anything runs.
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
