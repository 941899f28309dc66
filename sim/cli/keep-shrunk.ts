/** Writes a shrunk failure into files: a scenario to replay, and a test to run. */
import type { ShrunkFiles } from '../report/shrunk-report.ts';
import { testText } from '../report/vitest-file.ts';
import { fileFormat, scenarioFileText } from '../scenario/scenario-file.ts';
import type { Shrunk } from '../search/shrink/shrink.ts';
import { type Io, reasonOf } from './io.ts';
import type { RunPlan } from './run-plan.ts';

/** Ignored by git. Move a scenario to keep to the corpus. */
const folder = 'reports/runs';

/** Where a shrunk scenario was written, or why it was not. */
export interface KeptFiles extends ShrunkFiles {
  readonly error?: string;
}

/** What cannot be written is said, and does not hide that the run failed. @param replay The command of the run. */
export function keepShrunk(
  { seed, family, bug, system, commands }: RunPlan,
  replay: string,
  { scenario, outcome }: Shrunk,
  io: Io,
): KeptFiles {
  const name = [family.name, String(seed), ...(bug === undefined ? [] : [bug])]
    .join('-')
    .replace(/[^\w-]+/g, '-');
  const madeBy = commands.shrinking(replay);
  const scenarioFile = `${folder}/${name}.json`;
  const testFile = `${folder}/${name}.test.ts`;
  const { invariant = '', detail = '' } = outcome.failure ?? {};
  const story = `${invariant}: ${detail.split('\n', 1)[0]}`;
  const file = {
    format: fileFormat,
    system: system.name,
    story,
    broke: invariant,
    madeBy,
  } as const;
  const runBy = commands.ofTest(testFile);
  const { module } = system;
  try {
    io.writeText(scenarioFile, scenarioFileText({ ...file, scenario }));
    io.writeText(testFile, testText({ name, invariant, testFile, madeBy, runBy, module }));
    return { scenarioFile, testFile };
  } catch (error) {
    return { error: `${scenarioFile} cannot be written: ${reasonOf(error)}` };
  }
}
