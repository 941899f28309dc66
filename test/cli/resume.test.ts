/** A campaign that is stopped, in whatever way, and gone on with. */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { run } from './bench-system.ts';
import { ended, start } from './start.ts';

const words = '--seed 20 --workers 0 --resume r.json';

describe('--resume', () => {
  let files: Map<string, string>;
  let io: NonNullable<NonNullable<Parameters<typeof run>[1]>['io']>;

  beforeEach(() => {
    files = new Map();
    io = {
      readText: (path) => files.get(path),
      replaceText: (path, text) => void files.set(path, text),
    };
  });

  test('--resume comes to the same as a campaign that was never stopped', async () => {
    await run(`${words} --runs 7 --bug leak`, { io });
    const resumed = await run(`${words} --runs 12 --bug leak --json`, { io });
    const whole = await run('--seed 20 --runs 12 --bug leak --json');

    expect(JSON.parse(resumed.out)).toEqual(JSON.parse(whole.out));
    expect(resumed.status).toBe('broke');
  });

  test('--resume makes nothing again that is done, and says so', async () => {
    const first = await run(`${words} --runs 5`, { io });
    const again = await run(`${words} --runs 5`, {
      io,
      simulate: () => {
        throw new Error('all are done');
      },
    });

    expect(again.status).toBe('held');
    expect(again.out).toContain('resumed after 5 runs');
    expect(again.out.match(/digest: .*/)?.[0]).toBe(first.out.match(/digest: .*/)?.[0]);
  });

  test('--resume goes on with the seed of the file when none is given', async () => {
    await run('--workers 0 --resume r.json --runs 2', { io: { ...io, drawSeed: () => 99 } });
    const { out } = await run('--workers 0 --resume r.json --runs 3 --json', { io });

    expect(JSON.parse(out)).toMatchObject({ seed: 99, runs: 3, lastSeed: 101 });
  });

  test.each([
    ['--seed 21 --runs 9', 'is of another campaign: --seed 20, asked for 21'],
    ['--seed 20 --runs 9 --scenario multi-tab', '--scenario swarm, asked for multi-tab'],
    ['--seed 20 --runs 9 --bug leak', '--bug none, asked for leak'],
    ['--seed 20 --runs 9 --shard 1/2', '--shard 1/1, asked for 1/2'],
    ['--seed 20 --runs 9 --check-determinism', '--check-determinism false, asked for true'],
  ])(
    '--resume refuses the file of another campaign (%s) and says what differs',
    async (asked, what) => {
      await run(`${words} --runs 3`, { io });
      const before = files.get('r.json');
      const { status, out, err } = await run(`${asked} --workers 0 --resume r.json`, { io });

      expect(status).toBe('usage');
      expect(out).toBe('');
      expect(err).toMatch(/^error: --resume 'r\.json' is of another campaign: .*\n$/);
      expect(err).toContain(what);
      expect(files.get('r.json')).toBe(before);
    },
  );

  test('--resume refuses the file of other code', async () => {
    await run(`${words} --runs 3`, { io });
    const { status, err } = await run(`${words} --runs 9`, {
      io: { ...io, codeDigest: () => 'other code' },
    });

    expect(status).toBe('usage');
    expect(err).toContain('was made by other code');
  });

  test.each<[string, (text: string) => string, RegExp]>([
    ['that was cut off', (text) => text.slice(0, -40), /is not whole: .*JSON/],
    ['that is empty', () => '', /is not whole: .*JSON/],
    ['that was edited', (text) => text.replace('"failed":0', '"failed":1'), /checksum is wrong/],
    ['of another version', (text) => text.replace('"format":1', '"format":2'), /has format '2'/],
    ['of something else', () => '[1, 2]', /has format 'undefined'/],
    ['that holds a number', () => '7', /is not a file of a campaign/],
  ])('--resume refuses a file %s and leaves it as it is', async (_, damage, message) => {
    await run(`${words} --runs 3`, { io });
    const damaged = damage(files.get('r.json') ?? '');
    files.set('r.json', damaged);
    const { status, err } = await run(`${words} --runs 9`, { io });

    expect(status).toBe('usage');
    expect(err).toMatch(/^error: --resume 'r\.json' .*; it was left as it is, .*\n$/);
    expect(err).toMatch(message);
    expect(files.get('r.json')).toBe(damaged);
  });

  test('--resume that cannot be written is said before the first run', async () => {
    const { status, out, err } = await run(`${words} --runs 3`, {
      io: {
        ...io,
        replaceText: () => {
          throw new Error("EACCES: permission denied, open 'r.json.tmp'");
        },
      },
    });

    expect(status).toBe('usage');
    expect(out).toBe('');
    expect(err).toMatch(/^error: --resume 'r\.json' cannot be written: EACCES.*\n$/);
  });

  test.each([
    ['', 'usage'],
    [' --bug leak', 'broke'],
  ])(
    '--resume that cannot be written at the end is said, and a failure stays one%s',
    async (more, expected) => {
      let writes = 0;
      const { status, out, err } = await run(`${words} --runs 3${more}`, {
        io: {
          ...io,
          replaceText: () => {
            writes += 1;
            if (writes > 1) throw new Error('ENOSPC');
          },
        },
      });

      expect(status).toBe(expected);
      expect(out).toContain('runs=3');
      expect(err).toContain(`error: --resume 'r.json' cannot be written: ENOSPC\n`);
    },
  );
});

describe('a program that is stopped', () => {
  const rogue = 'test/cli/rogue-program.ts';
  const campaign = '--seed 1 --scenario calm --workers 1';

  const folderOf = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'leaktight-resume-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    return folder;
  };
  const runsIn = (file: string): number =>
    existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).state.totals.runs : 0;

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'a program that is stopped by %s reports, exits with 130, and goes on where it stopped',
    async (signal) => {
      const file = join(folderOf(), 'r.json');
      const child = start(`${campaign} --runs 1000000000 --resume ${file}`, rogue);
      child.stdout?.once('data', () => setTimeout(() => child.kill(signal), 1_500));
      const stopped = await ended(child);
      const runs = runsIn(file) + 50;
      const resumed = await ended(
        start(`${campaign} --runs ${runs} --json --resume ${file}`, rogue),
      );
      const whole = await ended(start(`${campaign} --runs ${runs} --json`, rogue));

      expect(stopped.code).toBe(130);
      expect(stopped.out).toContain(`interrupted after ${runs - 50} of 1000000000`);
      expect(resumed.code).toBe(0);
      expect(JSON.parse(resumed.out)).toEqual(JSON.parse(whole.out));
    },
  );

  test('a program that is stopped by kill -9 goes on from what was written last', async () => {
    const folder = folderOf();
    const file = join(folder, 'r.json');
    const child = start(`${campaign} --runs 1000000000 --resume ${file}`, rogue);
    while (runsIn(file) === 0) await sleep(50);
    child.kill('SIGKILL');
    await ended(child);
    const runs = runsIn(file) + 50;
    const resumed = await ended(start(`${campaign} --runs ${runs} --json --resume ${file}`, rogue));
    const whole = await ended(start(`${campaign} --runs ${runs} --json`, rogue));

    expect(JSON.parse(resumed.out)).toEqual(JSON.parse(whole.out));
    expect(readdirSync(folder)).toEqual(['r.json']);
  });

  test('a program that is stopped by a second signal ends at once, also while a run is on', async () => {
    const child = start('--seed 6 --runs 3 --workers 1 --scenario stands-still-at-7', rogue);
    // The first line of progress is that of seed 6: its thread is at seed 7 by then.
    child.stderr?.once('data', () => {
      child.kill('SIGINT');
      setTimeout(() => child.kill('SIGINT'), 1_000);
    });
    const { code, out } = await ended(child);

    expect(code).toBe(130);
    expect(out).not.toContain('interrupted');
  });

  test('a program that is stopped refuses a file that is none, with exit code 2', async () => {
    const file = join(folderOf(), 'r.json');
    writeFileSync(file, '{"format":1,');
    const { code, err } = await ended(start(`${campaign} --runs 5 --resume ${file}`, rogue));

    expect(code).toBe(2);
    expect(err).toMatch(/^error: --resume '.*' is not whole: .*\n$/);
    expect(readFileSync(file, 'utf8')).toBe('{"format":1,');
  });
});
