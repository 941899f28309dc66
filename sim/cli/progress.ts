/**
 * How far many runs have come: a bar on a terminal, now and then a line elsewhere. It is told only between two runs,
 * while time is real; nothing here leaves a timer behind that could go off inside a run and become one of its events.
 */

import { SingleBar } from 'cli-progress';
import { formatCount, formatMs, formatNumber } from '../report/format.ts';
import type { CampaignPlan } from '../search/campaign/run-campaign.ts';
import type { Progress, Standing } from '../search/means.ts';
import type { Io } from './io.ts';

/** What the runs go on to. At least one is given; whichever comes first ends them. */
export interface Goal {
  readonly runs?: number;
  readonly realMs?: number;
  /** The progress of an earlier call; it does not count for the speed. */
  readonly from: Standing;
}

/** No progress at all, for output that a program reads. */
export const silent: Progress = { advance: () => {}, stop: () => {} };

/** The progress of a campaign that goes on from `from`, for the place where it is seen. */
export function makeProgress(
  plan: Pick<CampaignPlan, 'isCounted' | 'runs' | 'minutes'> & { readonly json: boolean },
  from: Standing,
  io: Io,
): Progress {
  const goal = {
    from,
    ...(plan.isCounted ? { runs: plan.runs } : {}),
    ...(plan.minutes === undefined ? {} : { realMs: plan.minutes * 60_000 }),
  };
  const nowMs = (): number => io.nowMs();
  if (io.terminal !== undefined) return barProgress(io.terminal, goal, nowMs);
  return plan.json ? silent : lineProgress((text) => io.err(text), goal, nowMs);
}

/** Real milliseconds between two drawings of the bar: often enough for an eye, too seldom to cost anything. */
const redrawMs = 100;

/** Steps of the bar. A campaign that time ends has no number of runs to count up to. */
const barSteps = 1_000;

export function barProgress(
  terminal: NodeJS.WriteStream,
  goal: Goal,
  nowMs: () => number,
): Progress {
  const bar = new SingleBar({
    stream: terminal,
    format:
      '[{bar}] {percentage} % | {runs} runs | {rate} | {ratio} | {left} left | {failed} failed',
    // The library draws on a timer of its own. That one must never fire (see the header): 1e8 ms is more than a day.
    fps: 1e-5,
    synchronousUpdate: false,
    gracefulExit: false,
    hideCursor: true,
  });
  const startMs = nowMs();
  let drawnMs = startMs;
  const paceOf = (standing: Standing): Pace => pace(standing, goal, nowMs() - startMs);
  bar.start(barSteps, 0, { ...paceOf(goal.from) });
  return {
    advance(standing) {
      const now = paceOf(standing);
      bar.update(Math.floor(now.share * barSteps), { ...now });
      if (nowMs() - drawnMs < redrawMs && now.share < 1) return;
      drawnMs = nowMs();
      bar.render();
    },
    stop: () => bar.stop(),
  };
}

export function lineProgress(write: Io['err'], goal: Goal, nowMs: () => number): Progress {
  const startMs = nowMs();
  let tenth: number | undefined;
  let writtenMs = startMs;
  return {
    advance(standing) {
      const elapsedMs = nowMs() - startMs;
      const now = pace(standing, goal, elapsedMs);
      const tenthNow = Math.floor(now.share * 10);
      tenth ??= Math.floor(pace(goal.from, goal, 0).share * 10);
      // Longer and longer between the lines, or a campaign of a day would write thousands.
      const isDue = nowMs() - writtenMs >= Math.max(5_000, elapsedMs / 10);
      if (tenthNow === tenth && !isDue) return;
      tenth = tenthNow;
      writtenMs = nowMs();
      const percent = Math.floor(now.share * 100);
      write(
        `${now.runs} runs (${percent} %), ${now.rate}, ${now.ratio}, ${now.left} left, ${now.failed} failed\n`,
      );
    },
    stop: () => {},
  };
}

interface Pace {
  /** How much of the way is behind, from 0 to 1. */
  readonly share: number;
  readonly runs: string;
  readonly rate: string;
  /** Virtual time over real time. */
  readonly ratio: string;
  readonly left: string;
  readonly failed: string;
}

function pace({ runs, failed, virtualMs }: Standing, goal: Goal, elapsedMs: number): Pace {
  const { from } = goal;
  const made = runs - from.runs;
  const counted = goal.runs === undefined ? 0 : runs / goal.runs;
  const timed = goal.realMs === undefined ? 0 : elapsedMs / goal.realMs;
  const of = goal.runs === undefined ? '' : `/${formatCount(goal.runs)}`;
  const shown = {
    share: Math.min(1, Math.max(counted, timed)),
    runs: `${formatCount(runs)}${of}`,
    failed: formatCount(failed),
  };
  if (made === 0 || elapsedMs <= 0)
    return { ...shown, rate: '- runs/s', ratio: '- x real', left: '-' };
  const leftMs = Math.min(
    goal.runs === undefined ? Infinity : ((goal.runs - runs) * elapsedMs) / made,
    goal.realMs === undefined ? Infinity : Math.max(0, goal.realMs - elapsedMs),
  );
  const leftSeconds = Math.ceil(leftMs / 1_000);
  return {
    ...shown,
    rate: `${formatNumber((made * 1_000) / elapsedMs)} runs/s`,
    ratio: `${formatCount(Math.round((virtualMs - from.virtualMs) / elapsedMs))} x real`,
    left: leftSeconds === 0 ? '0 s' : formatMs(leftSeconds * 1_000),
  };
}
