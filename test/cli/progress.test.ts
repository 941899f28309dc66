import { PassThrough } from 'node:stream';
import { describe, expect, test, vi } from 'vitest';
import { barProgress, lineProgress } from '../../sim/cli/progress.ts';
import { run } from './bench-system.ts';

const nothing = { runs: 0, failed: 0, virtualMs: 0 };

describe('progress without a terminal', () => {
  test('progress without a terminal is a line for every tenth, on standard error', async () => {
    const { err } = await run('--seed 100 --runs 200 --workers 0');
    const lines = err.trimEnd().split('\n');

    expect(lines).toHaveLength(10);
    expect(lines[0]).toMatch(
      /^20\/200 runs \(10 %\), [\d,.]+ runs\/s, [\d,]+ x real, \d+ s left, 0 failed$/,
    );
    expect(lines.at(-1)).toMatch(/^200\/200 runs \(100 %\), .* 0 s left/);
  });

  test('progress without a terminal is a line for every run when there are few', async () => {
    const { err } = await run('--seed 1 --runs 3');

    expect(err.trimEnd().split('\n')).toHaveLength(3);
  });

  test('progress without a terminal comes more and more seldom in a campaign of a day', () => {
    const lines: string[] = [];
    let nowMs = 0;
    const progress = lineProgress(
      (text) => lines.push(text),
      { runs: 1_000_000, from: nothing },
      () => nowMs,
    );
    for (let done = 1; done <= 86_400; done += 1) {
      nowMs = done * 1_000;
      progress.advance({ runs: done, failed: 0, virtualMs: done * 5_000 });
    }

    expect(lines.length).toBeGreaterThan(20);
    expect(lines.length).toBeLessThan(150);
    expect(lines[0]).toMatch(/^5\/1,000,000 runs \(0 %\), 1 runs\/s, 5 x real/);
  });

  test('progress without a terminal counts up to the end of the time when there is no number of runs', () => {
    const lines: string[] = [];
    let nowMs = 0;
    const progress = lineProgress(
      (text) => lines.push(text),
      { realMs: 10_000, from: { runs: 40, failed: 1, virtualMs: 0 } },
      () => nowMs,
    );
    for (let done = 1; done <= 10; done += 1) {
      nowMs = done * 1_000;
      progress.advance({ runs: 40 + done, failed: 1, virtualMs: 0 });
    }

    expect(lines).toHaveLength(10);
    expect(lines[4]).toBe('45 runs (50 %), 1 runs/s, 0 x real, 5 s left, 1 failed\n');
  });

  test('progress without a terminal is silent with --json', async () => {
    const { err } = await run('--seed 1 --runs 20 --json');

    expect(err).toBe('');
  });
});

describe('progress on a terminal', () => {
  test('progress on a terminal is a bar with rate, time left and failures, and leaves no timer that goes off', () => {
    vi.useFakeTimers();
    try {
      const terminal = makeTerminal();
      let nowMs = 0;
      const progress = barProgress(terminal.stream, { runs: 50, from: nothing }, () => nowMs);
      for (let done = 1; done <= 50; done += 1) {
        nowMs = done * 60;
        progress.advance({ runs: done, failed: done > 25 ? 1 : 0, virtualMs: done * 600 });
      }
      const drawn = terminal.text();
      vi.advanceTimersByTime(3_600_000);
      const drawnLater = terminal.text();
      progress.stop();

      expect(drawn).toMatch(
        /20 % \| 10\/50 runs \| 16\.7 runs\/s \| 10 x real \| 3 s left \| 0 failed/,
      );
      expect(drawn).toMatch(
        /100 % \| 50\/50 runs \| 16\.7 runs\/s \| 10 x real \| 0 s left \| 1 failed/,
      );
      expect(drawnLater).toBe(drawn);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('progress on a terminal shows the cursor again when it stops', async () => {
    const terminal = makeTerminal();
    await run('--seed 1 --runs 5 --json', { io: { terminal: terminal.stream } });

    expect(terminal.text()).toContain('\u001b[?25l');
    expect(terminal.text().lastIndexOf('\u001b[?25h')).toBeGreaterThan(
      terminal.text().lastIndexOf('\u001b[?25l'),
    );
  });
});

function makeTerminal(): { stream: NodeJS.WriteStream; text: () => string } {
  const stream = new PassThrough();
  const size = { isTTY: true, columns: 120, rows: 40 };
  let text = '';
  stream.on('data', (chunk) => {
    text += String(chunk);
  });
  return { stream: Object.assign(stream, size) as unknown as NodeJS.WriteStream, text: () => text };
}
