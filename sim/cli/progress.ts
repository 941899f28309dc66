/**
 * How far many runs have come: a bar on a terminal, now and then a line elsewhere. It is told only between two runs,
 * while time is real; nothing here leaves a timer behind that could go off inside a run and become one of its events.
 */

import { SingleBar } from 'cli-progress';
import { formatCount, formatMs, formatNumber } from '../report/format.ts';
import type { Io } from './io.ts';

export interface Progress {
  advance(runs: number, failed: number): void;
  /** Leaves the terminal as it was found. */
  stop(): void;
}

/** No progress at all, for output that a program reads. */
export const silent: Progress = { advance: () => {}, stop: () => {} };

/** Real milliseconds between two drawings of the bar: often enough for an eye, too seldom to cost anything. */
const redrawMs = 100;

export function barProgress(
  terminal: NodeJS.WriteStream,
  total: number,
  nowMs: () => number,
): Progress {
  const bar = new SingleBar({
    stream: terminal,
    format:
      '[{bar}] {percentage} % | {value}/{total} runs | {rate} | {left} left | {failed} failed',
    // The library draws on a timer of its own. That one must never fire (see the header): 1e8 ms is more than a day.
    fps: 1e-5,
    synchronousUpdate: false,
    gracefulExit: false,
    hideCursor: true,
  });
  const startMs = nowMs();
  let drawnMs = startMs;
  const payload = (runs: number, failed: number): Record<string, string> => {
    const { rate, left } = pace(runs, total, nowMs() - startMs);
    return { rate, left, failed: formatCount(failed) };
  };
  bar.start(total, 0, payload(0, 0));
  return {
    advance(runs, failed) {
      bar.update(runs, payload(runs, failed));
      if (nowMs() - drawnMs < redrawMs && runs < total) return;
      drawnMs = nowMs();
      bar.render();
    },
    stop: () => bar.stop(),
  };
}

export function lineProgress(write: Io['err'], total: number, nowMs: () => number): Progress {
  const startMs = nowMs();
  let tenth = 0;
  let writtenMs = startMs;
  return {
    advance(runs, failed) {
      const elapsedMs = nowMs() - startMs;
      const tenthNow = Math.floor((runs * 10) / total);
      // Longer and longer between the lines, or a campaign of a day would write thousands.
      const isDue = nowMs() - writtenMs >= Math.max(5_000, elapsedMs / 10);
      if (tenthNow === tenth && !isDue) return;
      tenth = tenthNow;
      writtenMs = nowMs();
      const { rate, left } = pace(runs, total, elapsedMs);
      const percent = Math.floor((runs * 100) / total);
      write(
        `${formatCount(runs)}/${formatCount(total)} runs (${percent} %), ${rate}, ${left} left, ${formatCount(failed)} failed\n`,
      );
    },
    stop: () => {},
  };
}

function pace(runs: number, total: number, elapsedMs: number): { rate: string; left: string } {
  if (runs === 0 || elapsedMs <= 0) return { rate: '- runs/s', left: '-' };
  const leftSeconds = Math.ceil(((total - runs) * elapsedMs) / runs / 1_000);
  return {
    rate: `${formatNumber((runs * 1_000) / elapsedMs)} runs/s`,
    left: leftSeconds === 0 ? '0 s' : formatMs(leftSeconds * 1_000),
  };
}
