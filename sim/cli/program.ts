/**
 * Binds the command line to the process. The only file that knows `process.argv`, exit codes, real time and unseeded
 * chance; what is done with them is in `main.ts`.
 */

import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { simulate } from '../run/run.ts';
import { startWorker, workOf } from '../search/pool/start-worker.ts';
import { serveTask } from '../search/serve-task.ts';
import { codeDigest, readText, replaceText, writeText } from './files.ts';
import { exitCodes, type Io } from './io.ts';
import { main } from './main.ts';
import type { SystemList } from './run-plan.ts';
import { openTraceFile } from './trace.ts';

// Taken before any run replaces them.
const now = performance.now.bind(performance);
const immediate = setImmediate;

/** A terminal sends Ctrl-C to npm as well, and npm sends it on: twice within so many milliseconds is once. */
const sameInterruptMs = 500;

/**
 * The whole program around a list of systems: what its arguments ask for, or the work of one of its own worker threads.
 * `entry` is the URL of the module that calls this when it is loaded; worker threads load it again.
 */
export async function program(systems: SystemList, entry: string): Promise<void> {
  const work = workOf(workerData);
  if (work !== undefined && parentPort !== null) {
    return serveTask(work, parentPort, systems, simulate);
  }
  for (const stream of [process.stdout, process.stderr]) stream.on('error', onOutputError);
  const status = await main(process.argv.slice(2), ioOf(entry), systems);
  // Set, not called: output that is still on its way to a pipe must arrive.
  process.exitCode ||= exitCodes[status];
}

function ioOf(entry: string): Io {
  const terminal = process.stderr.isTTY ? process.stderr : undefined;
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    terminal,
    simulate,
    nowMs: () => now(),
    // As many bits as a commit hash gives.
    drawSeed: () => randomInt(2 ** 48 - 1),
    turn: () => new Promise((resolve) => immediate(resolve)),
    onInterrupt: (listener) => onInterrupt(listener, terminal),
    openTrace: openTraceFile,
    readText,
    replaceText,
    writeText,
    parallelism: availableParallelism(),
    startWorker: (work) => startWorker(entry, work),
    codeDigest,
  };
}

function onInterrupt(listener: () => void, terminal: NodeJS.WriteStream | undefined): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  let firstMs: number | undefined;
  const onSignal = (): void => {
    if (firstMs === undefined) {
      firstMs = now();
      listener();
    } else if (now() - firstMs > sameInterruptMs) {
      // The progress bar hides the cursor.
      terminal?.write('\u001b[?25h\n');
      process.exit(exitCodes.interrupted);
    }
  };
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

/** A reader that has seen enough (`| head`) is no error. A full disk is one, and must not look like a pass. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') process.exitCode ||= exitCodes.usage;
}
