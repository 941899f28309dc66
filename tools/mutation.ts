/**
 * The program `npm run mutation`: changes `src/` in one place at a time, and sees whether a test notices. Goes on where
 * the last run stopped, and writes `reports/mutation.json`.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { digestOfSources } from './digest-of-sources.ts';
import { faultsOf, isEquivalent } from './mutation/equivalence.ts';
import { equivalents } from './mutation/equivalents.ts';
import { type Group, groupOf, groups } from './mutation/groups.ts';
import { buildRunner, measure } from './mutation/measure.ts';
import { type MutationOptions, readOptions, usage } from './mutation/options.ts';
import { type MutationReport, reportOf, reportText, type Source } from './mutation/report.ts';
import {
  emptyState,
  type FileResult,
  merged,
  rangeOf,
  resultsOf,
  type State,
  sha256,
  survives,
  toMeasure,
  updated,
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
  const due = isFresh ? names : toMeasure(state, sources.map(digested));
  const wanted = only.length > 0 ? only : due;
  let isWell = true;
  if (wanted.length > 0) buildRunner();
  for (const group of groups) {
    const files = wanted.filter((name) => groupOf(name) === group);
    if (files.length === 0 || performance.now() >= endsAtMs) continue;
    const asked = sources.filter(({ name }) => files.includes(name));
    const known = new Map(asked.map((source) => [source.name, knownOf(state, source, isFresh)]));
    const places = asked.flatMap(({ name }) => placesOf(name, known.get(name)));
    if (places.length === 0) continue;
    const { ended, planned, tested } = await measure(group, places, { concurrency, endsAtMs });
    const measured: Record<string, FileResult> = {};
    for (const source of asked) {
      // Without a plan nothing is known, not even that there is nothing to mutate.
      if (planned.length === 0) break;
      const results = resultsOf(source.name, source.content, planned, tested);
      const result = updated(results, known.get(source.name), digested(source));
      if (result !== undefined) measured[source.name] = result;
    }
    state = merged(state, measured, names);
    write(STATE, state);
    if (ended === 'badly') isWell = false;
    if (ended !== 'well') break;
  }

  const report = reportOf(
    state,
    { sources, digest: digestOfSources('.') },
    equivalents,
    readReport(),
  );
  write(REPORT, report);
  for (const line of reportText(report)) console.log(line);
  // Nothing is known here of the mutants of a file that only the report tells of.
  const unknown = names.filter((name) => state.files[name] === undefined);
  const faults = faultsOf(equivalents, state, [...report.unmeasured, ...unknown], names);
  for (const fault of faults) console.error(`error: the list of equivalents: ${fault}`);
  return isWell && faults.length === 0;
}

/** Of the file as it is now. */
function knownOf(state: State, { name, content }: Source, isFresh: boolean) {
  const known = state.files[name];
  return isFresh || known?.sha256 !== sha256(content) ? undefined : known;
}

/** Where to mutate: all of it, or what survived and is not known to change nothing. */
function placesOf(name: string, known: FileResult | undefined): readonly string[] {
  if (known === undefined) return [name];
  return known.mutants
    .filter(({ status }) => survives(status))
    .filter((mutant) => !equivalents.some((each) => isEquivalent(each, name, mutant)))
    .map((mutant) => rangeOf(name, mutant));
}

function digested({ name, content }: Source) {
  return { name, sha256: sha256(content), tests: testsDigests.get(groupOf(name)) ?? '' };
}

function testsDigest({ tests }: Group): string {
  return sha256(...tests.map((test) => readFileSync(test, 'utf8')));
}

function readState(): State {
  try {
    const state = JSON.parse(readFileSync(STATE, 'utf8')) as State;
    return state.format === emptyState.format ? state : emptyState;
  } catch {
    // There was no run before.
    return emptyState;
  }
}

/** The report that is there, or none. */
function readReport(): MutationReport | undefined {
  try {
    const report = JSON.parse(readFileSync(REPORT, 'utf8')) as MutationReport;
    return report.format === 1 ? report : undefined;
  } catch {
    return undefined;
  }
}

function write(path: string, value: object): void {
  mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true });
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
