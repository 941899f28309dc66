/**
 * The program `npm run mutation`: changes `src/` in one place at a time, and sees whether a test notices. Goes on where
 * the last run stopped, and writes `reports/mutation.json`.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { faultsOf } from './mutation/equivalence.ts';
import { equivalents } from './mutation/equivalents.ts';
import { type Group, groupOf, groups } from './mutation/groups.ts';
import { buildRunner, measure } from './mutation/measure.ts';
import { type MutationOptions, readOptions, usage } from './mutation/options.ts';
import { reportOf, reportText, type Source } from './mutation/report.ts';
import {
  emptyState,
  type FileResult,
  merged,
  resultsOf,
  type State,
  sha256,
  toMeasure,
} from './mutation/results.ts';

const STATE = '.cache/mutation/state.json';
const REPORT = 'reports/mutation.json';

const sources: readonly Source[] = readdirSync('src')
  .filter((name) => name.endsWith('.ts'))
  .toSorted()
  .map((name) => ({ name: `src/${name}`, content: readFileSync(`src/${name}`, 'utf8') }));
const names = sources.map(({ name }) => name);
const testsDigests = new Map(groups.map((group) => [group, testsDigest(group)]));

const options = readOptions(process.argv.slice(2), names);
if (typeof options === 'string') {
  console.error(`error: ${options}\n${usage}`);
  process.exitCode = 2;
} else if (options.wantsHelp) console.log(usage);
else process.exitCode = (await run(options)) ? 0 : 1;

async function run({ minutes, only, concurrency, isFresh }: MutationOptions): Promise<boolean> {
  const endsAtMs = performance.now() + minutes * 60_000;
  let state = readState();
  const due = only.length > 0 || isFresh ? only : toMeasure(state, sources.map(digested));
  const wanted = isFresh && only.length === 0 ? names : due;
  let isWell = true;
  if (wanted.length > 0) buildRunner();
  for (const group of groups) {
    const files = wanted.filter((name) => groupOf(name) === group);
    if (files.length === 0 || performance.now() >= endsAtMs) continue;
    const { ended, planned, tested } = await measure(group, files, { concurrency, endsAtMs });
    const complete: Record<string, FileResult> = {};
    for (const source of sources.filter(({ name }) => files.includes(name))) {
      // Without a plan nothing is known, not even that there is nothing to mutate.
      if (planned.length === 0) break;
      const mutants = resultsOf(source.name, source.content, planned, tested);
      if (mutants !== undefined) complete[source.name] = { ...digested(source), mutants };
    }
    state = merged(state, complete, names);
    write(STATE, state);
    if (ended === 'badly') isWell = false;
    if (ended !== 'well') break;
  }

  const report = reportOf(state, sources, equivalents);
  write(REPORT, report);
  for (const line of reportText(report)) console.log(line);
  const faults = faultsOf(equivalents, state, report.unmeasured, names);
  for (const fault of faults) console.error(`error: the list of equivalents: ${fault}`);
  return isWell && faults.length === 0;
}

function digested({ name, content }: Source) {
  return { name, sha256: sha256(content), tests: testsDigests.get(groupOf(name)) ?? '' };
}

function testsDigest({ tests }: Group): string {
  return sha256(...tests.map((test) => readFileSync(test, 'utf8')));
}

function readState(): State {
  try {
    return JSON.parse(readFileSync(STATE, 'utf8')) as State;
  } catch {
    // There was no run before.
    return emptyState;
  }
}

function write(path: string, value: object): void {
  mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true });
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
