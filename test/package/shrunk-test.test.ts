/** The test that shrinking writes, in a project that has installed the tarball and knows nothing of this repository. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Consumer, installPackage } from './consumer.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const testFile = 'reports/runs/ticks-1-double.test.ts';

let consumer: Consumer;

beforeAll(async () => {
  consumer = await installPackage();
  consumer.link('ws', '@sinonjs/fake-timers', 'vitest');
  consumer.write('package.json', '{ "private": true, "type": "module" }\n');
});

afterAll(() => consumer[Symbol.dispose]());

function node(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const { VITEST: _, NODE_OPTIONS: __, ...inherited } = process.env;
  return spawnSync(process.execPath, args, {
    cwd: consumer.folder,
    env: { ...inherited, ...environment },
    encoding: 'utf8',
  });
}

function vitest(environment: NodeJS.ProcessEnv = {}) {
  return node([here('../../node_modules/vitest/vitest.mjs'), 'run', testFile], environment);
}

test('a shrunk test of a system of another repository runs against the tarball there', () => {
  copyFileSync(here('toy.ts'), join(consumer.folder, 'toy.ts'));
  const loader = import.meta.resolve('tsx');
  const program = fileURLToPath(new URL('./toy-program.ts', import.meta.url));
  const shrunk = node([
    ...['--import', loader, program],
    ...['--seed', '1', '--bug', 'double', '--shrink'],
  ]);
  const file = readFileSync(join(consumer.folder, testFile.replace('.test.ts', '.json')), 'utf8');

  expect(shrunk).toMatchObject({ status: 1, stderr: '' });
  expect(JSON.parse(file)).toMatchObject({ format: 2, system: 'toy' });
  expect(vitest().stdout).toContain('every action is counted once');
  expect(vitest()).toMatchObject({ status: 1 });
  expect(vitest({ LEAKTIGHT_BUG: 'none' })).toMatchObject({ status: 0 });
});

test('a scenario file of a system that the package does not have is refused by its name', async () => {
  consumer.write('toy.json', '{ "format": 2, "system": "toy", "story": "", "scenario": {} }');
  consumer.write(
    'replay.mjs',
    `import { replayFile } from 'leaktight/sim/replay';
    await replayFile('toy.json').catch((error) => console.log(error.message));`,
  );

  const { code, stdout } = await consumer.node('replay.mjs');

  expect(code).toBe(0);
  expect(stdout).toMatch(/^toy\.json is /);
});

test('a scenario file of the registry is replayed with the package alone', async () => {
  copyFileSync(
    here('../../sim/corpus/drain-beside-an-emergency.json'),
    join(consumer.folder, 'drain.json'),
  );
  consumer.write(
    'registry.mjs',
    `import { replayFile } from 'leaktight/sim/replay';
    const { system, outcome } = await replayFile('drain.json');
    console.log(system, outcome.verdict);`,
  );

  expect(await consumer.node('registry.mjs')).toMatchObject({
    code: 0,
    stdout: 'registry passed\n',
  });
});
