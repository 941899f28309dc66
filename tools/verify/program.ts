/** The program around a plan: options, files, exit codes, Ctrl-C; or the work of one of its own worker threads. */

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { writeText } from '../../sim/cli/files.ts';
import { UsageError } from '../../sim/cli/usage-error.ts';
import { simulate } from '../../sim/run/run.ts';
import type { SystemEntry } from '../../sim/run/system.ts';
import { startWorker, workOf } from '../../sim/search/pool/start-worker.ts';
import { serveTask } from '../../sim/search/serve-task.ts';
import { carryOut } from './carry-out.ts';
import { failuresOf } from './failures.ts';
import { type HuntWork, huntThrough } from './hunts.ts';
import { assertInstalled, readInputs } from './inputs.ts';
import type { PlanEnvironment } from './means.ts';
import { readMutationScore } from './mutation.ts';
import { parseOptions, usage, type VerifyOptions } from './options.ts';
import type { Plan } from './plan.ts';
import { reportText } from './report.ts';
import type { VerifiedSystem } from './verified-system.ts';

export interface Verification {
  readonly system: VerifiedSystem;
  readonly plan: Plan;
  /** The folder whose commit and packages the report names, and whose `reports/verification.md` it is. */
  readonly root: string;
  /** URL of the module that calls this when it is loaded; worker threads load it again. */
  readonly entry: string;
}

const exitCodes = { held: 0, broke: 1, usage: 2, interrupted: 130 } as const;
type Ending = keyof typeof exitCodes;

const reportFile = 'reports/verification.md';

export async function verifyProgram(verification: Verification): Promise<void> {
  if (parentPort !== null && isThread(workerData)) {
    const { system } = verification;
    const work = workOf(workerData);
    if (work !== undefined) return serveTask(work, parentPort, [entryOf(system)], simulate);
    return huntThrough(workerData.work as HuntWork, parentPort, system);
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      console.error(`interrupted; ${reportFile} is as it was`);
      // The worker threads end with the process; the report is put in its place in one step or not at all.
      process.exit(exitCodes.interrupted);
    });
  }
  process.exitCode = exitCodes[await main(process.argv.slice(2), verification)];
}

/** The list that its worker threads find the system in. */
function entryOf(system: VerifiedSystem): SystemEntry {
  const { name, description, families } = system;
  const defaultScenario = families[0]?.name ?? '';
  return { name, command: name, description, defaultScenario, options: [], open: () => system };
}

async function main(args: readonly string[], verification: Verification): Promise<Ending> {
  try {
    const options = parseOptions(args);
    if (!options.help) return await writeReport(verification, options);
    console.log(usage);
    return 'held';
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`error: ${error.message}\n${usage}`);
      return 'usage';
    }
    console.error(error instanceof Error ? `error: ${error.message}` : error);
    return 'broke';
  }
}

async function writeReport(
  { system, plan, root, entry }: Verification,
  { workers, mutationReport }: VerifyOptions,
): Promise<Ending> {
  const inputs = readInputs(root);
  assertInstalled(root, inputs);
  // Read first: a wrong file must not be found out after minutes.
  const mutationLine = mutationReport && readMutationScore(mutationReport);
  const environment: PlanEnvironment = {
    threads: workers ?? availableParallelism(),
    startThread: (work) => startWorker(entry, work),
    onProgress: (line) => console.error(line),
  };
  const results = await carryOut(plan, system, environment);
  const failures = failuresOf(results, plan);
  if (failures.length > 0) {
    printFailures(failures);
    console.log(`FAILED ${count(failures.length, 'failure')}; ${reportFile} is as it was`);
    return 'broke';
  }
  if (JSON.stringify(readInputs(root)) !== JSON.stringify(inputs)) {
    console.log(`FAILED the sources changed meanwhile; ${reportFile} is as it was`);
    return 'broke';
  }
  writeText(join(root, reportFile), reportText({ inputs, mutationLine }, results, system));
  const { campaigns, bugs } = results;
  const runs = campaigns.reduce((sum, { totals }) => sum + totals.runs, 0);
  console.log(
    `PASSED ${runs} runs by seed, ${bugs.length} seeded bugs caught; wrote ${reportFile}`,
  );
  return 'held';
}

function printFailures(failures: readonly (readonly string[])[]): void {
  for (const lines of failures) console.log(`${lines.join('\n')}\n`);
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function isThread(data: unknown): data is { readonly work: { readonly kind: string } } {
  return typeof data === 'object' && data !== null && 'work' in data;
}
