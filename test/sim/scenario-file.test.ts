/** Scenario files: what is not understood is refused, with the name of the field. */
import { describe, expect, test } from 'vitest';
import { testText } from '../../sim/report/vitest-file.ts';
import {
  fileFormat,
  readScenarioFile,
  ScenarioFileError,
  scenarioFileText,
} from '../../sim/scenario/scenario-file.ts';
import { scenarioShape, scenarios, simulate } from '../../sim/systems/registry/index.ts';

const swarm = scenarios[0];
if (swarm === undefined) throw new Error('there is no default scenario');

const scenario = {
  ...swarm.make(1),
  faults: [{ kind: 'kill', atMs: 5, host: 'server' } as const],
};
const file = {
  format: fileFormat,
  system: 'registry',
  story: 'it leaked',
  broke: 'no leak',
  scenario,
} as const;
const read = (text: string) => readScenarioFile(text, scenarioShape.check);

/** The file, changed by `change`. */
function changed(change: (file: Record<string, never>) => void): string {
  const copy = JSON.parse(scenarioFileText(file));
  change(copy);
  return JSON.stringify(copy);
}

test('a file of version 1, which names no system, is read as it was', () => {
  const old = { format: 1, story: 'it leaked', broke: 'no leak', scenario } as const;

  expect(read(scenarioFileText(old))).toEqual(old);
});

test('the check of a scenario file is given the name of its system', () => {
  const names: unknown[] = [];
  const check = (_: unknown, name: string | undefined) => void names.push(name);
  const { system: _, ...rest } = file;
  readScenarioFile(scenarioFileText(file), check);
  readScenarioFile(scenarioFileText({ ...rest, format: 1 }), check);

  expect(names).toEqual(['registry', undefined]);
});

test('a file that was written is read as it was', () => {
  expect(read(scenarioFileText(file))).toEqual(file);
});

test.each(scenarios)('every scenario of $name can be read back', ({ make }) => {
  for (const seed of [1, 2, 3]) {
    const made = {
      format: fileFormat,
      system: 'registry',
      story: '',
      scenario: make(seed),
    } as const;
    expect(read(scenarioFileText(made)).scenario).toEqual(made.scenario);
  }
});

describe('a file that this code does not understand is refused', () => {
  // biome-ignore lint/suspicious/noExplicitAny: the changes are wrong on purpose.
  test.each<[string, (file: any) => void, string]>([
    [
      'of another version',
      (f) => (f.format = 3),
      'has format 3, and this code reads 1 and 2; replay',
    ],
    ['with another scenario', (f) => (f.scenario.format = 2), 'has scenario.format 2, and'],
    ['without a version', (f) => delete f.format, 'format must be 1 or 2, it is missing'],
    ['without a system', (f) => delete f.system, 'system must be text, it is missing'],
    ['of version 1 with a system', (f) => (f.format = 1), 'has a field system that this code'],
    ['without a story', (f) => delete f.story, 'story must be text, it is missing'],
    ['with an odd field', (f) => (f.bug = 'x'), 'has a field bug that this code does not know'],
    ['with an odd name', (f) => (f.broke = 7), 'broke must be text, got 7'],
    ['without a scenario', (f) => delete f.scenario, 'scenario must be an object, it is missing'],
    ['with a list', (f) => (f.scenario = []), 'scenario must be an object, got []'],
    ['with more', (f) => (f.scenario.speed = 1), 'has a field scenario.speed'],
    ['with a network', (f) => (f.scenario.network.loss = 1), 'has a field scenario.network.loss'],
    ['with no name', (f) => delete f.scenario.name, 'scenario.name must be text, got undefined'],
    [
      'with no time',
      (f) => delete f.scenario.durationMs,
      'scenario.durationMs must be a whole number',
    ],
    ['with no network', (f) => delete f.scenario.network, 'scenario.network must be an object'],
    ['with no actions', (f) => delete f.scenario.actions, 'scenario.actions must be a list'],
    [
      'with a null in a list',
      (f) => (f.scenario.actions[0] = null),
      'scenario.actions[0] must be an object',
    ],
    [
      'with a fault in a list',
      (f) => (f.scenario.faults[0] = 3),
      'scenario.faults[0] must be an object, got 3',
    ],
    [
      'with an action of an unknown kind',
      (f) => (f.scenario.actions[2].kind = 'fly'),
      'scenario.actions[2].kind must be one of connect, say,',
    ],
    [
      'with a fault of an unknown kind',
      (f) => (f.scenario.faults[0].kind = 'quake'),
      'scenario.faults[0].kind must be one of kill,',
    ],
    [
      'with a host that does not exist',
      (f) => (f.scenario.faults[0].host = 'server-2'),
      'scenario.faults[0] must name servers and tabs (user.number), got "server-2"',
    ],
    [
      'with an action that lacks a field',
      (f) => (f.scenario.actions[0] = { kind: 'say', atMs: 1, tab: 'ada.1' }),
      'scenario.actions[0].characters must be a whole number from 0, got undefined',
    ],
    [
      'with an action that has a field too many',
      (f) => (f.scenario.actions[0] = { kind: 'drop', atMs: 1, tab: 'ada.1', hard: true }),
      'scenario.actions[0].hard is none of kind, atMs, tab, got true',
    ],
    [
      'with a tab that does not exist',
      (f) => (f.scenario.actions[0] = { kind: 'drop', atMs: 1, tab: 'ada' }),
      'scenario.actions[0].tab must be the name of a tab, user.number, got "ada"',
    ],
    [
      'with another server',
      (f) => (f.scenario.actions[0] = { kind: 'announce', atMs: 1, server: 'server-2' }),
      'scenario.actions[0].server must be one of server, got "server-2"',
    ],
    [
      'with a seeded bug that is gone',
      (f) => (f.scenario.settings.bug = 'gone'),
      'scenario.settings.bug must be null or the name of a seeded bug that --list shows, got "gone"',
    ],
    [
      'with an option that the registry does not have',
      (f) => (f.scenario.settings.registry = { maxManager: 3 }),
      'scenario.settings.registry is refused: RegistryOptions has no maxManager',
    ],
    [
      'with an unknown setting',
      (f) => (f.scenario.settings.colour = 'red'),
      'scenario.settings.colour is none of registry, authenticationMs,',
    ],
    [
      'with no settings',
      (f) => (f.scenario.settings = null),
      'scenario.settings must be an object',
    ],
  ])('a scenario file %s is refused', (_, change, message) => {
    const refused = () => read(changed(change));

    expect(refused).toThrow(ScenarioFileError);
    expect(refused).toThrow(message);
  });

  test.each([
    ['', 'is not whole JSON'],
    ['{"format": 1,', 'is not whole JSON'],
    ['[]', 'must hold an object, got []'],
    ['null', 'must hold an object, got null'],
  ])('a scenario file that reads %j is refused', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
});

test('a run refuses what it does not know, instead of passing it over', async () => {
  const actions = [{ kind: 'fly', atMs: 1, tab: 'ada.1' }] as never;

  await expect(simulate({ ...scenario, actions })).rejects.toThrow(
    'scenario.actions[0].kind must be one of',
  );
});

test('the test beside a file names it, and how it is run', () => {
  const text = testText({
    name: 'swarm-1',
    invariant: 'no "leak"',
    testFile: 'reports/runs/swarm-1.test.ts',
    madeBy: 'npm run sim -- --seed 1 --shrink',
    runBy: 'npx vitest run reports/runs/swarm-1.test.ts',
  });

  expect(text).toContain('npx vitest run reports/runs/swarm-1.test.ts');
  expect(text).toContain('test("swarm-1 holds: no \\"leak\\"", async () => {');
  expect(text).toContain('new URL("./swarm-1.json", import.meta.url)');
  expect(text).toContain("import { replayFile } from 'leaktight/sim/replay';");
});

test.each([
  ['./toy.ts', '../../toy.ts'],
  ['./reports/runs/toy.ts', './toy.ts'],
  ['@acme/toy', '@acme/toy'],
])('the test beside a file imports the system of %s from %s', (specifier, from) => {
  const text = testText({
    name: 'one-1',
    invariant: 'no leak',
    testFile: 'reports/runs/one-1.test.ts',
    madeBy: '',
    runBy: '',
    module: { specifier, name: 'toy' },
  });

  expect(text).toContain(`import { toy } from '${from}';`);
  expect(text).toContain('system: toy }');
});
