/** `npm run verify` with a plan of seconds: each test starts the program, its worker threads and a compiler in each. */

import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { makeTinyRoot } from './tiny-root.ts';

vi.setConfig({ testTimeout: 300_000 });

const tiny = makeTinyRoot();
/** The report of the first test, which the others leave alone. */
let written = '';

afterAll(() => tiny.remove());

test('a second verification writes the same bytes, with another number of worker threads', async () => {
  const first = await tiny.verify('--workers 1');
  written = tiny.report();
  rmSync(join(tiny.root, 'reports/verification.md'));
  const second = await tiny.verify('--workers 2');

  expect(first.code, first.err).toBe(0);
  expect(second.code, second.err).toBe(0);
  expect(tiny.report()).toBe(written);
});

test('a verification that fails says what broke and how to see it again, and leaves the report', async () => {
  const { code, out } = await tiny.verify('--workers 2', 'scenario bug');

  expect(code).toBe(1);
  expect(out).toContain('FAILED seed=2 scenario=reconnect');
  expect(out).toContain('replay:     npm run sim -- --seed 2 --scenario reconnect\n');
  expect(out).toContain('NOT CAUGHT issue-108\n  invariant:  no hook fails\n');
  expect(out).toContain(
    'why:        seed 1 broke another invariant first: isolation keys match from creation to cleanup\n' +
      '  replay:     npm run sim -- --seed 1 --scenario swarm --bug issue-108\n',
  );
  expect(out).toMatch(/FAILED \d+ failures; reports\/verification.md is as it was\n$/);
  expect(tiny.report()).toBe(written);
});

test('an interrupted verification leaves the report and nothing beside it', async () => {
  const child = tiny.begin('--workers 1');
  if (child.stderr === null) throw new Error('the child must have pipes');
  await once(child.stderr, 'data');
  child.kill('SIGINT');
  const [code] = await once(child, 'exit');

  expect(code).toBe(130);
  expect(readdirSync(join(tiny.root, 'reports'))).toEqual(['verification.md']);
  expect(tiny.report()).toBe(written);
});
