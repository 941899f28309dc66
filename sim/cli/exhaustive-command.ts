/** An exhaustive search, in this thread or in others, until it is over, something breaks, or somebody interrupts. */

import {
  resolvedSearchText,
  type SearchEnd,
  searchJson,
  searchText,
} from '../report/exhaustive-report.ts';
import { Search } from '../search/exhaustive/exhaustive-search.ts';
import type { Step } from '../search/exhaustive/paths.ts';
import type { ExhaustivePlan } from './exhaustive-options.ts';
import type { Ending } from './exit-status.ts';
import type { Io } from './io.ts';
import { print, printJson } from './print.ts';
import { barProgress, lineProgress, type Progress, silent } from './progress.ts';
import { WalkTeam } from './walk-team.ts';

/** Runs of a level up to which it is over before anybody asks how far it is. */
const quietRuns = 500;

/** How long a search may keep Ctrl-C waiting, in real milliseconds. */
const msBetweenTurns = 50;

export async function runExhaustive(plan: ExhaustivePlan, io: Io): Promise<Ending> {
  const { universe, depth: depthAsked, bug } = plan;
  const search = new Search(depthAsked);
  const startMs = io.nowMs();
  let isInterrupted = false;
  const offInterrupt = io.onInterrupt(() => {
    isInterrupted = true;
  });
  const isOver = (): boolean => isInterrupted || search.failure !== undefined;
  const about = { universe, depthAsked, ...(bug === undefined ? {} : { bug }) };
  if (!plan.json) print(io, resolvedSearchText({ ...about, isInterrupted }));
  const threads = plan.workers === 'auto' ? io.parallelism : plan.workers;
  const team = threads > 0 ? new WalkTeam(threads, plan, io.startThread) : undefined;
  try {
    for (let news = search.deepen(); news !== undefined; news = search.deepen()) {
      const progress = levelProgress(plan, search, io);
      const onStep = (step: Step): void => {
        search.add(step);
        const { virtualMs, level } = search;
        progress.advance({ runs: level.runs, failed: search.failure ? 1 : 0, virtualMs });
      };
      try {
        if (team !== undefined) await team.walk(search.jobs, news, onStep, isOver);
        else await walkHere(plan, search, onStep, isOver, io);
      } finally {
        // Whatever happens, the terminal gets its cursor back.
        progress.stop();
      }
      if (isOver()) break;
    }
  } finally {
    await team?.end();
    offInterrupt();
  }
  const end: SearchEnd = { ...about, isInterrupted };
  const json = searchJson(search, end);
  if (plan.json) printJson(io, json);
  else print(io, searchText(json, io.nowMs() - startMs));
  if (json.verdict === 'failed') return 'broke';
  return isInterrupted ? 'interrupted' : 'held';
}

async function walkHere(
  { universe, bug }: ExhaustivePlan,
  search: Search,
  onStep: (step: Step) => void,
  isOver: () => boolean,
  io: Io,
): Promise<void> {
  const isKnown = (state: string) => search.known.has(state);
  let lastTurnMs = io.nowMs();
  for (const path of search.jobs) {
    if (isOver()) return;
    onStep(await universe.walk(path, isKnown, bug));
    if (io.nowMs() - lastTurnMs < msBetweenTurns) continue;
    await io.turn();
    lastTurnMs = io.nowMs();
  }
}

function levelProgress(plan: ExhaustivePlan, { jobs, level, virtualMs }: Search, io: Io): Progress {
  const goal = { runs: jobs.length, from: { runs: 0, failed: 0, virtualMs } };
  const nowMs = (): number => io.nowMs();
  if (jobs.length <= quietRuns) return silent;
  if (io.terminal !== undefined) return barProgress(io.terminal, goal, nowMs);
  if (plan.json) return silent;
  return lineProgress((text) => io.err(`${level.depth} actions: ${text}`), goal, nowMs);
}
