/** The program around a lab and its plans: options, files, exit codes, Ctrl-C; or the work of one of its own threads. */

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { readText, writeText } from '../../sim/cli/files.ts';
import { startThread, workOf } from '../../sim/search/pool/start-worker.ts';
import { workThrough } from '../../sim/search/pool/worker.ts';
import { UsageError } from '../../sim/cli/usage-error.ts';
import { walkThrough } from '../../sim/cli/walk-thread.ts';
import { carryOut } from './carry-out.ts';
import { alterations, staleness } from './check.ts';
import { failuresOf } from './failures.ts';
import { type HuntWork, huntThrough } from './hunts.ts';
import { assertInstalled, readInputs } from './inputs.ts';
import type { VerificationLab } from './lab.ts';
import type { Means } from './means.ts';
import { parseOptions, usage } from './options.ts';
import type { Plans } from './plan.ts';
import { reportText } from './report.ts';

export interface Verification {
  readonly lab: VerificationLab;
  readonly plans: Plans;
  /** Folder whose sources are named in the report and whose `reports/verification.md` it is. */
  readonly root: string;
  /** URL of the module that calls this when it is loaded; threads load it again. */
  readonly entry: string;
}

const exitCodes = { held: 0, broke: 1, usage: 2, interrupted: 130 } as const;
type Ending = keyof typeof exitCodes;

export const reportFile = 'reports/verification.md';

export async function verifyProgram(verification: Verification): Promise<void> {
  if (parentPort !== null && isThread(workerData)) {
    const { lab } = verification;
    const work = workOf(workerData);
    if (work?.kind === 'leaktight.sim.walks') return walkThrough(work, parentPort, lab);
    if (work?.kind === 'leaktight.sim.runs') return workThrough(work, parentPort, lab);
    return huntThrough(workerData.work as HuntWork, parentPort, lab);
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      console.error(`interrupted; ${reportFile} is as it was`);
      // The threads end with the process; the report is put in its place in one step or not at all.
      process.exit(exitCodes.interrupted);
    });
  }
  process.exitCode = exitCodes[await main(process.argv.slice(2), verification)];
}

async function main(args: readonly string[], verification: Verification): Promise<Ending> {
  try {
    const { help, check, workers } = parseOptions(args);
    if (help) {
      console.log(usage);
      return 'held';
    }
    const means: Means = {
      threads: workers ?? availableParallelism(),
      startThread: (work) => startThread(verification.entry, work),
      onProgress: (line) => console.error(line),
    };
    return await (check ? checkReport(verification, means) : writeReport(verification, means));
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`error: ${error.message}\n${usage}`);
      return 'usage';
    }
    console.error(error instanceof Error ? `error: ${error.message}` : error);
    return 'broke';
  }
}

async function writeReport({ lab, plans, root }: Verification, means: Means): Promise<Ending> {
  const inputs = readInputs(root);
  assertInstalled(root, inputs);
  const results = await carryOut(plans.whole, lab, means);
  const failures = failuresOf(results, plans.whole);
  if (failures.length > 0) {
    printFailures(failures);
    console.log(`FAILED ${count(failures.length, 'failure')}; ${reportFile} is as it was`);
    return 'broke';
  }
  if (JSON.stringify(readInputs(root)) !== JSON.stringify(inputs)) {
    console.log(`FAILED the sources changed meanwhile; ${reportFile} is as it was`);
    return 'broke';
  }
  writeText(join(root, reportFile), reportText(inputs, results, lab, plans));
  const { campaigns, bugs } = results;
  const runs = campaigns.reduce((sum, { totals }) => sum + totals.runs, 0);
  console.log(
    `PASSED ${runs} runs by seed, ${bugs.length} seeded bugs caught; wrote ${reportFile}`,
  );
  return 'held';
}

async function checkReport({ lab, plans, root }: Verification, means: Means): Promise<Ending> {
  const report = readText(join(root, reportFile));
  if (report === undefined) {
    console.log(`FAILED ${reportFile} is missing; npm run verify writes it`);
    return 'broke';
  }
  const inputs = readInputs(root);
  assertInstalled(root, inputs);
  const stale = staleness(report, inputs);
  if (stale.length > 0) return refuse('is of other sources than these', stale);
  const results = await carryOut(plans.part, lab, means);
  const failures = failuresOf(results, plans.part);
  if (failures.length > 0) {
    printFailures(failures);
    console.log(`FAILED ${count(failures.length, 'failure')}`);
    return 'broke';
  }
  const altered = alterations(report, results);
  if (altered.length > 0) return refuse('is not what is found now', altered);
  console.log(`PASSED ${reportFile} is of these sources, and what was made again is as it says`);
  return 'held';
}

function refuse(why: string, differences: readonly string[]): Ending {
  for (const difference of differences) console.log(`${reportFile}: ${difference}`);
  console.log(`FAILED ${reportFile} ${why}; npm run verify writes it anew`);
  return 'broke';
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
