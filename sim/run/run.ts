/** `simulate(scenario, { system })`: one scenario in, one `Run` out. Everything that makes runs calls this. */
import type { TraceRecord } from '../engine/trace.ts';
import type { Scenario } from '../scenario/scenario.ts';
import type { Outcome } from './outcome.ts';
import { type SimulateOptions, simulateSystem } from './simulate-system.ts';
import type { System } from './system.ts';
import { unlessStopped } from './unless-stopped.ts';

/** A complete run. Reports are made from nothing else. */
export interface Run<S extends Scenario = Scenario> {
  /** Name of the system. */
  readonly system: string;
  readonly scenario: S;
  readonly outcome: Outcome;
  /** One record per event, if it was requested. */
  readonly recording?: readonly TraceRecord[];
}

export interface RunOptions extends SimulateOptions {
  readonly system: System;
  /** Whether the run is recorded. @default false */
  readonly records?: boolean | undefined;
  /** The process was stopped, so the run is repeated: its trace so far is discarded. */
  readonly onRestart?: (() => void) | undefined;
}

/**
 * Errors of the code under test are part of the outcome. The promise rejects for a scenario that the system refuses, or
 * for a mistake in the simulator.
 */
export async function simulate<S extends Scenario>(
  scenario: S,
  { system, records = false, onRestart, onTrace, ...options }: RunOptions,
): Promise<Run<S>> {
  system.shape.check(scenario);
  const recording: TraceRecord[] = [];
  const record = (entry: TraceRecord): void => {
    recording.push(entry);
    onTrace?.(entry);
  };
  const run = async (): Promise<Outcome> => {
    const { system: live, invariants } = await system.prepare(scenario);
    const simulation = { scenario, system: live, invariants };
    return simulateSystem(simulation, { ...options, onTrace: records ? record : onTrace });
  };
  const outcome = await unlessStopped(run, () => {
    recording.length = 0;
    onRestart?.();
  });
  return { system: system.name, scenario, outcome, ...(records ? { recording } : {}) };
}
