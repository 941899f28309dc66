/** An exhaustive search: prints the plan, the progress and the report. */
import { resolvedSearchText, searchJson, searchText } from '../report/exhaustive-report.ts';
import type { ExhaustiveSearch } from '../search/exhaustive/exhaustive-search.ts';
import { runExhaustive } from '../search/exhaustive/run-exhaustive.ts';
import type { Progress } from '../search/means.ts';
import { type ExitStatus, type Io, print, printJson } from './io.ts';
import type { ExhaustiveCommand } from './many-options.ts';
import { barProgress, lineProgress, silent } from './progress.ts';

/** Runs of a level up to which it is over before a reader asks how far it is. */
const quietRuns = 500;

export async function searchAll(command: ExhaustiveCommand, io: Io): Promise<ExitStatus> {
  const { universe, depth: depthAsked, bug, json: isJson } = command;
  const about = { universe, depthAsked, ...(bug === undefined ? {} : { bug }) };
  const startMs = io.nowMs();
  if (!isJson) print(io, resolvedSearchText(about));
  const workers = command.workers === 'auto' ? io.parallelism : command.workers;
  const { search, isInterrupted } = await runExhaustive({ ...command, workers }, io, (level) =>
    levelProgress(isJson, level, io),
  );
  const json = searchJson(search, { ...about, isInterrupted }, command.commands);
  if (isJson) printJson(io, json);
  else print(io, searchText(json, io.nowMs() - startMs));
  if (json.verdict === 'failed') return 'broke';
  return isInterrupted ? 'interrupted' : 'held';
}

function levelProgress(isJson: boolean, search: ExhaustiveSearch, io: Io): Progress {
  const { jobs, level, virtualMs } = search;
  const goal = { runs: jobs.length, from: { runs: 0, failed: 0, virtualMs } };
  const nowMs = (): number => io.nowMs();
  if (jobs.length <= quietRuns) return silent;
  if (io.terminal !== undefined) return barProgress(io.terminal, goal, nowMs);
  if (isJson) return silent;
  return lineProgress((text) => io.err(`${level.depth} actions: ${text}`), goal, nowMs);
}
