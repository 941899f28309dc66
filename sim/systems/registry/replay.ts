/** Reads a scenario file of the registry, for tests. `sim/replay.ts` runs one. */
import { readFileSync } from 'node:fs';
import { readScenarioFile, ScenarioFileError } from '../../scenario/scenario-file.ts';
import { scenarioShape } from './registry-shape.ts';
import type { RegistryScenario } from './scenario.ts';

/** @throws {ScenarioFileError} naming the file and what in it is not understood. */
export function readRegistryScenario(file: URL): RegistryScenario {
  try {
    const { scenario } = readScenarioFile(readFileSync(file, 'utf8'), scenarioShape.check);
    return scenario as RegistryScenario;
  } catch (error) {
    if (!(error instanceof ScenarioFileError)) throw error;
    throw new ScenarioFileError(`${file.pathname} ${error.message}`);
  }
}
