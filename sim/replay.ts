/**
 * `leaktight/sim/replay`: runs scenario files, as the tests beside shrunk scenarios do. Import it before anything that
 * loads ws.
 */
import './platform/install.ts';
import { readFileSync } from 'node:fs';
import { type Run, simulate } from './run/run.ts';
import { openSystem, type System } from './run/system.ts';
import {
  readScenarioFile,
  type ScenarioFile,
  ScenarioFileError,
} from './scenario/scenario-file.ts';

export { ScenarioFileError } from './scenario/scenario-file.ts';

export interface ReplayOptions {
  /** A seeded bug instead of the one that the file names, or `none` for the code as it ships. */
  readonly bug?: string | undefined;
  /** The system that the file names. @default the one of the package with that name */
  readonly system?: System | undefined;
}

/**
 * Runs the scenario of a file.
 *
 * @throws {ScenarioFileError} naming the file and what this code does not understand of it.
 */
export async function replayFile(
  file: URL | string,
  { bug, system: given }: ReplayOptions = {},
): Promise<Run> {
  const text = readFileSync(file, 'utf8');
  try {
    const { system: name } = readScenarioFile(text, () => {});
    const system = given ?? (await systemNamed(name));
    const { scenario } = readScenarioFile(text, (made) => checkWith(system, made, name));
    const planted =
      bug === undefined ? scenario : system.shape.withBug(scenario, bug === 'none' ? null : bug);
    return await simulate(planted, { system });
  } catch (error) {
    if (!(error instanceof ScenarioFileError)) throw error;
    throw new ScenarioFileError(`${file instanceof URL ? file.pathname : file} ${error.message}`);
  }
}

function checkWith(
  system: System,
  scenario: ScenarioFile['scenario'],
  name: string | undefined,
): void {
  if (name !== undefined && name !== system.name) {
    throw new ScenarioFileError(`is of system '${name}', and not of '${system.name}'`);
  }
  system.shape.check(scenario);
}

/** Loads the package's own systems only when one of them is asked for. */
async function systemNamed(name: string | undefined): Promise<System> {
  const { systemOfFormat1, systems } = await import('./systems/index.ts');
  const asked = name ?? systemOfFormat1;
  if (!systems.some((entry) => entry.name === asked)) {
    throw new ScenarioFileError(
      `is of system '${asked}', which is none of this package: import that system and give it to replayFile`,
    );
  }
  return openSystem(systems, { name: asked, options: {} });
}
