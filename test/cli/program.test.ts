import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ended, start } from './start.ts';

describe('the program', () => {
  test('the program exits with 0 when everything holds, and prints one JSON object', async () => {
    const { code, out, err } = await ended(start('--seed 42 --json'));

    expect(err).toBe('');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ seed: 42, scenario: 'swarm', verdict: 'passed' });
  });

  test('the program prints the same report for a seed in another process', async () => {
    const [one, two] = await Promise.all([ended(start('--seed 7')), ended(start('--seed 7'))]);

    expect(one.out).toContain('PASSED seed=7');
    expect(two.out).toBe(one.out);
  });

  test('the program exits with 1 when a seeded bug is caught, and its replay command fails the same way', async () => {
    const { code, out } = await ended(start('--seed 1 --runs 50 --bug issue-108 --json'));
    const { failure, failures } = JSON.parse(out);
    const words = failure.replay.replace('npm run sim -- ', '');
    const again = await ended(start(`${words} --json`));

    expect(code).toBe(1);
    expect(failures.length).toBeGreaterThan(0);
    expect(again.code).toBe(1);
    expect(JSON.parse(again.out).failure).toEqual(failure);
  });

  test('the program exits with 2 and one line when it is used wrongly', async () => {
    const { code, out, err } = await ended(start('--scenario swam'));

    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toBe(`error: --scenario 'swam' is unknown; did you mean 'swarm'?\n`);
  });

  test('the program exits with 2 when the trace cannot be written', async () => {
    const { code, out, err } = await ended(start('--seed 1 --trace /no/such/folder/t.jsonl'));

    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(/^error: --trace '.*' cannot be written: ENOENT.*\n$/);
  });

  test('the program exits with 130 after an interrupt and reports what was done', async () => {
    const child = start('--seed 1 --runs 1000000');
    // It listens from before its first run on, and says which runs those are.
    child.stdout?.once('data', () => child.kill('SIGINT'));
    const { code, out } = await ended(child);

    expect(code).toBe(130);
    expect(out).toMatch(
      /PASSED seed=1 runs=\d+ scenario=swarm \(interrupted after \d+ of 1000000\)/,
    );
  });

  test('the program writes a trace that is whole when the program has ended', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'leaktight-program-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [one, two] = [join(folder, 'one.jsonl'), join(folder, 'two.jsonl')];
    await Promise.all([
      ended(start(`--seed 3 --trace ${one}`)),
      ended(start(`--seed 3 --trace ${two}`)),
    ]);

    const lines = readFileSync(one, 'utf8').trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.map((line) => typeof JSON.parse(line))).toEqual(lines.map(() => 'object'));
    expect(readFileSync(two, 'utf8')).toBe(readFileSync(one, 'utf8'));
  });

  test('the program gives the same digest whether or not it writes a trace', async () => {
    const [without, withTrace] = await Promise.all([
      ended(start('--seed 3 --json')),
      ended(start('--seed 3 --json --trace /dev/null')),
    ]);

    expect(withTrace.out).toBe(without.out);
  });

  test('the program is quiet when the reader of its output has gone', async () => {
    const child = start('--list');
    child.stdout?.destroy();
    const code = new Promise((resolve) => child.once('close', resolve));
    const err = child.stderr === null ? 'no pipe' : await text(child.stderr);

    expect(err).toBe('');
    expect(await code).toBe(0);
  });

  test('the program lists at least what it is asked for most', async () => {
    const { out } = await ended(start('--list --json'));
    const list = JSON.parse(out);
    const names = (things: { name: string }[]): string[] => things.map(({ name }) => name);

    expect(names(list.scenarios)).toEqual(expect.arrayContaining(['swarm', 'multi-tab']));
    for (const { caughtBy } of list.bugs) expect(names(list.invariants)).toContain(caughtBy);
    expect(list.propertyBugs).toContainEqual({
      name: 'batches-forgotten',
      description: expect.any(String),
      guarantees: expect.arrayContaining(['G12']),
      caughtBy: { property: expect.stringContaining('shutdown') },
    });
  });
});

test('--bug with a bug that a property catches is refused with the command that shows it', async () => {
  const { code, err } = await ended(start('--seed 1 --bug batches-forgotten'));

  expect(code).toBe(2);
  expect(err).toMatch(
    /--bug 'batches-forgotten' is caught by a property and by no run: npm run properties -- -t '.*'/,
  );
});

test.runIf(existsSync('/dev/full'))('a full disk behind standard output is no pass', async () => {
  const code = await new Promise((resolve) => {
    spawn('sh', ['-c', '"$0" --import tsx sim/cli.ts --list > /dev/full', process.execPath], {
      stdio: 'ignore',
    }).once('close', resolve);
  });

  expect(code).toBe(2);
});
