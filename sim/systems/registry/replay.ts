/** For tests: a scenario file of the registry, read. `sim/replay.ts` runs one. */
import { readFileSync } from 'node:fs';
import { readScenarioFile, ScenarioFileError } from '../../scenario/scenario-file.ts';
import { scenarioShape } from './registry-shape.ts';
import type { RegistryScenario } from './scenario.ts';

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
