/** For tests: a scenario file of the registry, read and run. */
import { readFileSync } from 'node:fs';
import type { Outcome } from '../../run/outcome.ts';
import { readScenarioFile, ScenarioFileError } from '../../scenario/scenario-file.ts';
import type { RegistryScenario } from './scenario.ts';
import { scenarioShape } from './scenario-shape.ts';
import { simulate } from './simulate.ts';

/** @throws {ScenarioFileError} naming the file and what this code does not understand of it. */
export function readRegistryScenario(file: URL): RegistryScenario {
  try {
    const { scenario } = readScenarioFile(readFileSync(file, 'utf8'), scenarioShape.check);
    return scenario as RegistryScenario;
  } catch (error) {
    if (!(error instanceof ScenarioFileError)) throw error;
    throw new ScenarioFileError(`${file.pathname} ${error.message}`);
  }
}

/**
 * Runs the scenario of a file, with the seeded bug that it names.
 *
 * @param bug Another bug instead, or `none` for the code as it ships. @default the one that the file names
 */
export async function replayFile(file: URL, bug?: string): Promise<Outcome> {
  const scenario = readRegistryScenario(file);
  if (bug === undefined) return simulate(scenario);
  return simulate(scenarioShape.withBug(scenario, bug === 'none' ? null : bug) as RegistryScenario);
}
