import { afterAll, expect, test } from 'vitest';
import { makeTinyRoot } from './tiny-root.ts';

const tiny = makeTinyRoot();
afterAll(() => tiny.remove());

test('a verification writes what it verified, and nothing of when, where or how fast', async () => {
  const { code, out, err } = await tiny.verify('--workers 1');
  const report = tiny.report();

  expect(code, err).toBe(0);
  expect(out).toBe('PASSED 4 runs by seed, 2 seeded bugs caught; wrote reports/verification.md\n');
  expect(err).toContain('bug 2 of 2: unescaped-key, seed 1,');
  for (const line of [
    /^# Verification of leaktight \d+\.\d+\.\d+$/m,
    /^\| the commit that this report was made from \| none: made outside of a checkout \|$/m,
    /^\| the package `ws`, as it is locked \| [\d.]+ \|$/m,
    /^\| G17 \| .* \| 3 \| [\d,]+ \| \d+ \|$/m,
    /^\| G13 \| nothing is left when the last client has disconnected \| .* \| 4 \| .* \|$/m,
    /^\| reconnect \| 1 to 3 \| passed \|.*\| `[0-9a-f]{64}` \|$/m,
    /^\| reconnect \| seed 1 \| [\d,]+ \| `[0-9a-f]{64}` \|$/m,
    /^\| up to 2 actions \| 31 \| 23 \| 23 \| passed \| `[0-9a-f]{64}` \|$/m,
    /^\| issue-108 \| G1 G7 \| isolation keys match .* \| swarm \| 1 \| 0 \| \d+ \| \d+ \| passes \|$/m,
    /^\| `probe-behind-backlog.json` \| .* \| passed \| [\d,]+ \| `[0-9a-f]{64}` \|$/m,
    /^No mutation score was given to this report\.$/m,
  ]) {
    expect(report).toMatch(line);
  }
  expect(report).not.toContain(process.version);
  expect(report).not.toMatch(/\d ms real|runs\/s|20\d\d-\d\d/);
});

test('a verification refuses an unknown option with exit code 2', async () => {
  const { code, err } = await tiny.verify('--chekc');

  expect(code).toBe(2);
  expect(err).toMatch(/^error: Unknown option '--chekc'/);
});
