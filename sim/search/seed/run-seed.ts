/**
 * Makes the scenario of one seed and runs it. Every error becomes an outcome, so a campaign continues and the seed is
 * not lost.
 */
import { createHash } from 'node:crypto';
import type { Outcome } from '../../run/outcome.ts';
import type { RunOptions } from '../../run/run.ts';
import type { ScenarioFamily, System } from '../../run/system.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import type { SimulateRun } from '../means.ts';

/** What makes a scenario of a seed. */
export interface ScenarioSource {
  readonly system: System;
  readonly family: ScenarioFamily;
  /** The seeded bug that its runs are made with. */
  readonly bug?: string;
}

/** The scenario of the seed, or why there is none. */
export type PreparedScenario =
  | { readonly kind: 'made'; readonly scenario: Scenario }
  | { readonly kind: 'threw'; readonly outcome: Outcome };

export type SeedOptions = Omit<RunOptions, 'system'>;

export function prepareScenario(source: ScenarioSource, seed: number): PreparedScenario {
  try {
    const scenario = source.family.make(seed, source.bug === undefined ? {} : { bug: source.bug });
    return { kind: 'made', scenario };
  } catch (error) {
    return { kind: 'threw', outcome: crashed(source, seed, error) };
  }
}

export async function runScenario(
  source: ScenarioSource,
  seed: number,
  prepared: PreparedScenario,
  simulate: SimulateRun,
  options: SeedOptions,
): Promise<Outcome> {
  if (prepared.kind === 'threw') return prepared.outcome;
  try {
    const { system, family } = source;
    const { outcome } = await simulate(prepared.scenario, { ...options, system });
    // Under the requested name, which is the name to repeat it with.
    return { ...outcome, scenario: family.name, seed };
  } catch (error) {
    return crashed(source, seed, error);
  }
}

/** The outcome of a run that the simulator itself could not bring to an end. */
export function crashed(
  { family }: Pick<ScenarioSource, 'family'>,
  seed: number,
  thrown: unknown,
): Outcome {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const detail = `${error.name}: ${error.message}`;
  return {
    scenario: family.name,
    seed,
    verdict: 'crashed',
    // There is no trace to digest; the error is the only event.
    digest: createHash('sha256').update(detail).digest('hex'),
    virtualMs: 0,
    events: 0,
    connections: 0,
    wireBytes: 0,
    faults: {},
    metrics: {},
    reached: {},
    invariants: [],
    failure: {
      invariant: 'the simulator brings every run to an end',
      detail,
      atMs: 0,
      event: 0,
      lastEvent: 'none was reported',
      ...(error.stack === undefined ? {} : { stack: error.stack }),
    },
  };
}
