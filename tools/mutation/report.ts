/** The score of what was measured: as the committed JSON, and as lines for a terminal. Pure. */

import { formatTable } from '../../sim/report/format.ts';
import { type Equivalent, isEquivalent } from './equivalence.ts';
import { type FileResult, type Mutant, type State, sha256, survives } from './results.ts';

export interface Counts {
  readonly killed: number;
  readonly timedOut: number;
  readonly survived: number;
  readonly uncovered: number;
  readonly equivalent: number;
  /** Active only while the file is loaded; not run, and not in the score. */
  readonly static: number;
}

export interface MutationReport extends Counts {
  readonly format: 1;
  /** SHA-256 over the names and contents of `src/**\/*.ts` as they are now. */
  readonly sources: string;
  /** Killed and timed out, in percent of all but the equivalent and the static ones. */
  readonly score: number;
  /** Each with the SHA-256 of its content when it was measured. */
  readonly files: Readonly<Record<string, Counts & { readonly sha256: string }>>;
  /** Files that were never measured, or have changed since. */
  readonly unmeasured: readonly string[];
  readonly survivors: readonly {
    readonly file: string;
    readonly line: number;
    readonly mutator: string;
    readonly from: string;
    readonly to: string;
    /** Why it changes nothing, when that is known. */
    readonly reason?: string;
  }[];
}

export interface Source {
  readonly name: string;
  readonly content: string;
}

/** All of `src/`, and its digest as `digestOfSources` takes it. */
export interface Sources {
  readonly sources: readonly Source[];
  readonly digest: string;
}

export function reportOf(
  state: State,
  { sources, digest }: Sources,
  equivalents: readonly Equivalent[],
  previous?: MutationReport,
): MutationReport {
  const ordered = sources.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const names = ordered.map(({ name }) => name);
  // A checkout has no state of its own: what the report that comes with it says of other files stays.
  const files = Object.fromEntries(
    names.flatMap((name) => {
      const result = state.files[name];
      const entry =
        result === undefined
          ? previous?.files[name]
          : { sha256: result.sha256, ...countsOf(name, result, equivalents) };
      return entry === undefined ? [] : [[name, entry] as const];
    }),
  );
  const total = sum(Object.values(files));
  return {
    format: 1,
    sources: digest,
    score: scoreOf(total),
    ...total,
    files,
    unmeasured: ordered
      .filter(({ name, content }) => files[name]?.sha256 !== sha256(content))
      .map(({ name }) => name),
    survivors: names.flatMap((name) => {
      const result = state.files[name];
      return result === undefined
        ? (previous?.survivors.filter(({ file }) => file === name) ?? [])
        : survivorsOf(name, result, equivalents);
    }),
  };
}

function survivorsOf(
  file: string,
  { mutants }: FileResult,
  equivalents: readonly Equivalent[],
): MutationReport['survivors'] {
  return mutants
    .filter(({ status }) => survives(status))
    .map((mutant) => {
      const { line, mutator, from, to } = mutant;
      const reason = equivalents.find((each) => isEquivalent(each, file, mutant))?.reason;
      return { file, line, mutator, from, to, ...(reason === undefined ? {} : { reason }) };
    });
}

function countsOf(
  file: string,
  { mutants }: FileResult,
  equivalents: readonly Equivalent[],
): Counts {
  const isHarmless = (mutant: Mutant): boolean =>
    survives(mutant.status) && equivalents.some((each) => isEquivalent(each, file, mutant));
  const others = mutants.filter((mutant) => !isHarmless(mutant));
  const count = (wanted: Mutant['status']): number =>
    others.filter(({ status }) => status === wanted).length;
  return {
    killed: count('killed'),
    timedOut: count('timed out'),
    survived: count('survived'),
    uncovered: count('uncovered'),
    equivalent: mutants.length - others.length,
    static: count('static'),
  };
}

function sum(all: readonly Counts[]): Counts {
  const of = (name: keyof Counts): number => all.reduce((total, counts) => total + counts[name], 0);
  return {
    killed: of('killed'),
    timedOut: of('timedOut'),
    survived: of('survived'),
    uncovered: of('uncovered'),
    equivalent: of('equivalent'),
    static: of('static'),
  };
}

/** In percent, to one digit, rounded down: what is not quite reached is not said to be. */
function scoreOf({ killed, timedOut, survived, uncovered }: Counts): number {
  const noticed = killed + timedOut;
  const all = noticed + survived + uncovered;
  return all === 0 ? 0 : Math.floor((1_000 * noticed) / all) / 10;
}

export function reportText(report: MutationReport): readonly string[] {
  const rows = Object.entries(report.files)
    .filter(([, { survived, uncovered }]) => survived + uncovered > 0)
    .map(([name, counts]) => [
      name,
      `${scoreOf(counts)} %`,
      String(counts.survived),
      String(counts.uncovered),
    ]);
  const noticed = report.killed + report.timedOut;
  const left = report.survived + report.uncovered;
  const missing = report.unmeasured.length;
  return [
    ...(rows.length === 0
      ? []
      : formatTable([['file', 'score', 'survived', 'uncovered'], ...rows], { indent: '' })),
    ...(missing === 0 ? [] : [`not measured as it is now: ${report.unmeasured.join(', ')}`]),
    `mutation score ${report.score} %: ${noticed} of ${noticed + left} noticed, ${report.equivalent} more change nothing`,
  ];
}
