/**
 * The file of one scenario. `--shrink` writes it, `--replay` reads it, and the corpus consists of such files. It names
 * its version: unknown versions and fields are refused, and never run as something else.
 */

import type { NetworkProfile, Scenario } from './scenario.ts';

/** Version of the file that is written. Files of version 1, which name no system, are read as well. */
export const fileFormat = 2;

/** Version of the scenario in it. */
const scenarioFormat = 1;

export interface ScenarioFile {
  readonly format: 1 | typeof fileFormat;
  /** Name of the system whose scenario it is. A file of version 1 has none: at that time there was one system. */
  readonly system?: string;
  /** What went wrong, for a later reader. */
  readonly story: string;
  /** Name of the invariant that broke when the file was made. */
  readonly broke?: string;
  /** The command that made the file. */
  readonly madeBy?: string;
  readonly scenario: Scenario;
}

/** The file cannot be used. The message continues after its name: `… has format 3, …`. */
export class ScenarioFileError extends Error {
  override readonly name = 'ScenarioFileError';
}

const fileFields: Readonly<Record<keyof ScenarioFile, true>> = {
  format: true,
  system: true,
  story: true,
  broke: true,
  madeBy: true,
  scenario: true,
};
const scenarioFields: Readonly<Record<keyof Scenario, true>> = {
  format: true,
  name: true,
  seed: true,
  network: true,
  actions: true,
  faults: true,
  durationMs: true,
  settleMs: true,
  settings: true,
};
const networkFields: Readonly<Record<keyof NetworkProfile, true>> = {
  latencyMs: true,
  segmentBytes: true,
  sendBufferBytes: true,
  receiveBufferBytes: true,
  connectTimeoutMs: true,
  retransmitTimeoutMs: true,
  latencyDistribution: true,
  bandwidthBytesPerSecond: true,
  schedule: true,
};

const advice = 'replay it with the version of the code that made it, or make it again';

export function scenarioFileText(file: ScenarioFile): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}

/**
 * @param check Refuses a scenario that its system does not understand, by throwing. It gets the name of the system.
 * @throws {ScenarioFileError} naming the field that is missing, unknown, or not what it must be.
 */
export function readScenarioFile(
  text: string,
  check: (scenario: Scenario, system: string | undefined) => void,
): ScenarioFile {
  const file = parse(text);
  mustHaveFormat('format', file.format, [1, fileFormat]);
  const { system: _, ...fieldsOf1 } = fileFields;
  mustKnow('', file, file.format === 1 ? fieldsOf1 : fileFields);
  if (file.format !== 1 && typeof file.system !== 'string')
    refuse('system', 'must be text', file.system);
  if (typeof file.story !== 'string') refuse('story', 'must be text', file.story);
  for (const name of ['broke', 'madeBy']) {
    if (file[name] !== undefined && typeof file[name] !== 'string')
      refuse(name, 'must be text', file[name]);
  }
  const { scenario } = file;
  if (!isObject(scenario)) return refuse('scenario', 'must be an object', scenario);
  mustHaveFormat('scenario.format', scenario.format, [scenarioFormat]);
  mustKnow('scenario.', scenario, scenarioFields);
  if (isObject(scenario.network)) mustKnow('scenario.network.', scenario.network, networkFields);
  try {
    check(scenario as unknown as Scenario, file.system as string | undefined);
  } catch (error) {
    if (error instanceof ScenarioFileError) throw error;
    throw new ScenarioFileError(
      `is not one that this code understands: ${(error as Error).message}; correct it, or ${advice}`,
    );
  }
  return file as unknown as ScenarioFile;
}

type Fields = Readonly<Record<string, unknown>>;

function parse(text: string): Fields {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (error) {
    throw new ScenarioFileError(`is not whole JSON: ${(error as Error).message}`);
  }
  if (isObject(file)) return file;
  throw new ScenarioFileError(`must hold an object, got ${shown(file)}`);
}

function mustHaveFormat(field: string, value: unknown, known: readonly number[]): void {
  if (value === undefined) refuse(field, `must be ${known.join(' or ')}`, value);
  if (known.some((format) => format === value)) return;
  throw new ScenarioFileError(
    `has ${field} ${shown(value)}, and this code reads ${known.join(' and ')}; ${advice}`,
  );
}

function mustKnow(prefix: string, value: Fields, fields: Readonly<Record<string, true>>): void {
  const known = Object.keys(fields);
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new ScenarioFileError(
    `has a field ${prefix}${unknown} that this code does not know (${known.join(', ')}); ${advice}`,
  );
}

function refuse(field: string, rule: string, value: unknown): never {
  const got = value === undefined ? 'it is missing' : `got ${shown(value)}`;
  throw new ScenarioFileError(`is not a scenario file: ${field} ${rule}, ${got}`);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 100 ? text : `${text.slice(0, 100)} …`;
}
