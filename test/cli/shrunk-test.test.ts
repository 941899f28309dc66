/** The test that shrinking writes, run by Vitest: red on the bug, green without it. */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { ended, start } from './start.ts';

test('a shrunk failure becomes a test that fails on the bug and passes on the code', async () => {
  const name = 'reports/runs/multi-tab-3-issue-108';
  onTestFinished(() => {
    for (const end of ['.json', '.test.ts']) rmSync(`${name}${end}`, { force: true });
  });
  const shrunk = await ended(start('--seed 3 --scenario multi-tab --bug issue-108 --shrink'));

  expect(shrunk.code).toBe(1);
  expect(shrunk.out).toContain(`test:       npx vitest run ${name}.test.ts`);
  expect(vitest(`${name}.test.ts`, {})).toMatchObject({ status: 1 });
  expect(vitest(`${name}.test.ts`, { LEAKTIGHT_BUG: 'none' })).toMatchObject({ status: 0 });
});

function vitest(file: string, environment: NodeJS.ProcessEnv) {
  const { VITEST: _, ...inherited } = process.env;
  return spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', file], {
    env: { ...inherited, ...environment },
    encoding: 'utf8',
  });
}
