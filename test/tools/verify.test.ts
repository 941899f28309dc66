/** `npm run verify` with a plan of seconds: what it writes, what it refuses, and that a failure leaves the report alone. */

import { once } from 'node:events';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Ended, ended, start } from '../cli/start.ts';

// Each starts the program, its threads and a compiler in each.
vi.setConfig({ testTimeout: 300_000 });

const program = 'test/scripts/tiny-verification.ts';
const root = mkdtempSync(join(tmpdir(), 'leaktight-verify-'));
const report = join(root, 'reports/verification.md');

const begin = (args: string, trouble = '') =>
  start(args, program, { VERIFY_ROOT: root, VERIFY_TROUBLE: trouble });
const verify = (args: string, trouble?: string): Promise<Ended> => ended(begin(args, trouble));

/** The report as it was written, whatever a test has made of it. */
let written = '';

beforeAll(() => {
  for (const name of ['src', 'sim', 'scripts', 'package.json', 'package-lock.json']) {
    cpSync(name, join(root, name), { recursive: true });
  }
  symlinkSync(realpathSync('node_modules'), join(root, 'node_modules'), 'junction');
});
afterAll(() => rmSync(root, { recursive: true }));

/** Gives the report another text, and puts the old one back when `use` is over. */
async function withReport<Result>(text: string, use: () => Promise<Result>): Promise<Result> {
  writeFileSync(report, text);
  try {
    return await use();
  } finally {
    writeFileSync(report, written);
  }
}

describe('a verification', () => {
  test('writes a report, and says how far it has come', async () => {
    const { code, out, err } = await verify('--workers 1');
    written = readFileSync(report, 'utf8');

    expect(code, err).toBe(0);
    expect(out).toBe(
      'PASSED 4 runs by seed, 2 seeded bugs caught; wrote reports/verification.md\n',
    );
    expect(err).toContain('bug 2 of 2: unescaped-key, seed 1,');
  });

  test('writes the same bytes again, with another number of threads', async () => {
    rmSync(report);
    const { code, err } = await verify('--workers 2');

    expect(code, err).toBe(0);
    expect(readFileSync(report, 'utf8')).toBe(written);
  });

  test('holds what was verified, and nothing of when, where or how fast', () => {
    for (const line of [
      /^# Verification of leaktight \d+\.\d+\.\d+$/m,
      /^\| the registry, `src\/\*\*\/\*\.ts` \| `[0-9a-f]{64}` \|$/m,
      /^\| the package `ws`, as it is locked \| [\d.]+ \|$/m,
      /^\| G17 \| The door .* \| 3 \| [\d,]+ \| \d+ \|$/m,
      /^\| G13 \| nothing is left when the last client has gone \| .* \| 4 \| .* \|$/m,
      /^\| reconnect \| 1 to 3 \| passed \|.*\| `[0-9a-f]{64}` \|$/m,
      /^\| reconnect \| seed 1 \| [\d,]+ \| `[0-9a-f]{64}` \|$/m,
      /^\| up to 2 actions \| 31 \| 23 \| 23 \| passed \| `[0-9a-f]{64}` \|$/m,
      /^\| issue-108 \| G1 G7 \| isolation keys match .* \| swarm \| 1 \| 0 \| \d+ \| \d+ \| passes \|$/m,
      /^\| `probe-behind-backlog.json` \| .* \| passed \| [\d,]+ \| `[0-9a-f]{64}` \|$/m,
      /^Not measured: there is no `reports\/mutation.json`\.$/m,
    ]) {
      expect(written).toMatch(line);
    }
    expect(written).not.toContain(process.version);
    expect(written).not.toMatch(/\d ms real|runs\/s|20\d\d-\d\d/);
  });

  test('fails with what broke and how to see it again, and leaves the report', async () => {
    const { code, out } = await verify('--workers 2', 'scenario bug');

    expect(code).toBe(1);
    expect(out).toContain('FAILED seed=2 scenario=reconnect');
    expect(out).toContain('replay:     npm run sim -- --seed 2 --scenario reconnect\n');
    expect(out).toContain('NOT CAUGHT issue-108\n  invariant:  no hook fails\n');
    expect(out).toContain(
      'why:        seed 1 broke another invariant first: isolation keys match from creation to cleanup\n' +
        '  replay:     npm run sim -- --seed 1 --scenario swarm --bug issue-108\n',
    );
    expect(out).toMatch(/FAILED \d+ failures; reports\/verification.md is as it was\n$/);
    expect(readFileSync(report, 'utf8')).toBe(written);
  });

  test('can be interrupted, and leaves the report and nothing beside it', async () => {
    const child = begin('--workers 1');
    if (child.stderr === null) throw new Error('the child must have pipes');
    await once(child.stderr, 'data');
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');

    expect(code).toBe(130);
    expect(readdirSync(join(root, 'reports'))).toEqual(['verification.md']);
    expect(readFileSync(report, 'utf8')).toBe(written);
  });

  test('refuses an option that it does not know, with exit code 2', async () => {
    const { code, err } = await verify('--chekc');

    expect(code).toBe(2);
    expect(err).toMatch(/^error: Unknown option '--chekc'/);
  });
});

describe('the smaller verification', () => {
  test('passes on the report that was written, whatever its line ends', async () => {
    const { code, out } = await withReport(written.replaceAll('\n', '\r\n'), () =>
      verify('--check --workers 2'),
    );

    expect(code, out).toBe(0);
    expect(out).toMatch(/^PASSED reports\/verification.md is of these sources/);
  });

  test('names the line that was edited, and notices one that it does not make again', async () => {
    const digest = /(?<=^\| reconnect \| seed 1 \| [\d,]+ \| `)[0-9a-f]/m;
    const edited = written
      .replace(digest, (digit) => (digit === '0' ? '1' : '0'))
      .replace(/^Faults that struck: .*$/m, 'Faults that struck: all.');
    const number = edited.split('\n').findIndex((line) => line.startsWith('| reconnect | seed 1'));

    const { code, out } = await withReport(edited, () => verify('--check --workers 2'));

    expect(code).toBe(1);
    expect(out).toContain(`verification.md: line ${number + 1} differs: | reconnect | seed 1 |`);
    expect(out).toContain('now found: | reconnect | seed 1 |');
    expect(out).toContain('seals another text than the one above it');
    expect(out).toMatch(/is not what is found now; npm run verify writes it anew\n$/);
  });

  test('fails on a report of other sources, without running anything', async () => {
    const file = join(root, 'src/identity/ids.ts');
    const source = readFileSync(file, 'utf8');
    writeFileSync(file, `${source}// changed\n`);
    const { code, out, err } = await verify('--check');
    writeFileSync(file, source);

    expect(code).toBe(1);
    expect(out).toMatch(/line \d+ differs: \| the registry, `src\/\*\*\/\*\.ts` \|/);
    expect(out).toMatch(/is of other sources than these; npm run verify writes it anew\n$/);
    expect(err).toBe('');
  });

  test('fails without a report', async () => {
    rmSync(report);
    const { code, out } = await verify('--check');
    writeFileSync(report, written);

    expect(code).toBe(1);
    expect(out).toBe('FAILED reports/verification.md is missing; npm run verify writes it\n');
  });
});
