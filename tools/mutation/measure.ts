/** One run of Stryker over the files of one group, ended when its time is over. Keeps whatever it has come to by then. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Group } from './groups.ts';
import type { MutantEvent } from './results.ts';

const CACHE = '.cache/mutation';
const bin = (path: string): string => `node_modules/${path}`;

export interface Events {
  readonly planned: readonly MutantEvent[];
  readonly tested: readonly MutantEvent[];
}

export interface Measured extends Events {
  /** Whether it came to its end by itself, and well. */
  readonly ended: 'well' | 'in time' | 'badly';
}

/** Stryker loads its plugins in plain Node, the oldest of which knows no types. */
export function buildRunner(): void {
  const options = [
    '--ignoreConfig',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--types',
    'node',
  ];
  const emit = [
    '--skipLibCheck',
    '--rewriteRelativeImportExtensions',
    '--outDir',
    `${CACHE}/runner`,
  ];
  const source = 'tools/mutation/runner.ts';
  execFileSync(process.execPath, [bin('typescript/bin/tsc'), ...options, ...emit, source], {
    stdio: 'inherit',
  });
}

/** `places`: files, or ranges of them. */
export async function measure(
  group: Group,
  places: readonly string[],
  { concurrency, endsAtMs }: { readonly concurrency: number; readonly endsAtMs: number },
): Promise<Measured> {
  const folder = `${CACHE}/${group.name}`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const config = `${folder}/stryker.json`;
  writeFileSync(config, JSON.stringify(configOf(folder, places, concurrency), null, 2));

  const stryker = spawn(
    process.execPath,
    [bin('@stryker-mutator/core/bin/stryker.js'), 'run', config],
    {
      env: { ...process.env, LEAKTIGHT_MUTATION_GROUP: group.name },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  const leftMs = Math.max(0, endsAtMs - performance.now());
  const timer = setTimeout(() => stryker.kill('SIGINT'), leftMs);
  // From the terminal it has the signal too; we stay to keep what it has come to.
  const stay = (): void => {};
  process.on('SIGINT', stay);
  const status = await exitOf(stryker);
  process.off('SIGINT', stay);
  clearTimeout(timer);
  const ended = status === 0 ? 'well' : status === 'SIGINT' ? 'in time' : 'badly';
  return { ended, ...readEvents(`${folder}/events`) };
}

function configOf(folder: string, places: readonly string[], concurrency: number): object {
  return {
    testRunner: 'resident',
    plugins: [`./${CACHE}/runner/runner.js`],
    mutate: places,
    concurrency,
    coverageAnalysis: 'perTest',
    // To run one that is active only while its file is loaded, everything must be loaded anew.
    ignoreStatic: true,
    timeoutMS: 5_000,
    timeoutFactor: 2,
    reporters: ['event-recorder', 'progress-append-only'],
    eventReporter: { baseDir: `${folder}/events` },
    tempDirName: `${CACHE}/sandboxes`,
    cleanTempDir: 'always',
    ignorePatterns: ['/bench', '/examples', '/reports', '/dist', '/.cache'],
    // There is no compiler of this version that it could ask; Vitest strips the types.
    tsconfigFile: 'none',
    disableTypeChecks: false,
    allowConsoleColors: false,
  };
}

function exitOf(child: ChildProcess): Promise<number | 'SIGINT' | undefined> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const interrupted = signal === 'SIGINT' || code === 130;
      resolve(interrupted ? 'SIGINT' : (code ?? undefined));
    });
  });
}

/** Of Stryker's event recorder: a file for each, named by its number and kind. */
export function readEvents(folder: string): Events {
  let names: string[];
  try {
    names = readdirSync(folder).toSorted();
  } catch {
    // It ended before there was any.
    return { planned: [], tested: [] };
  }
  const read = (kind: string): unknown[] =>
    names
      .filter((name) => name.endsWith(`-${kind}.json`))
      .flatMap((name) => {
        try {
          return [JSON.parse(readFileSync(`${folder}/${name}`, 'utf8'))];
        } catch {
          // The last one may be cut short.
          return [];
        }
      });
  const plans = read('onMutationTestingPlanReady') as {
    readonly mutantPlans: readonly { readonly mutant: MutantEvent }[];
  }[];
  return {
    planned: plans.flatMap(({ mutantPlans }) => mutantPlans.map(({ mutant }) => mutant)),
    tested: read('onMutantTested') as MutantEvent[],
  };
}
