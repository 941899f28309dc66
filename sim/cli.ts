/**
 * The program `npm run sim`. The only file that knows `process.argv`, exit codes, real time and unseeded chance; what it
 * does with them is `cli/main.ts`.
 */

import { randomInt } from 'node:crypto';
import type { Io } from './cli/io.ts';
import { type Ending, main } from './cli/main.ts';
import { openTraceFile } from './cli/trace-file.ts';
import { bugs, describeScenario, invariants, scenarios, simulate } from './registry/index.ts';

const exitCodes: Readonly<Record<Ending, number>> = {
  held: 0,
  broke: 1,
  usage: 2,
  interrupted: 130,
};

// Taken before any run replaces them.
const now = performance.now.bind(performance);
const immediate = setImmediate;

const io: Io = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  terminal: process.stderr.isTTY ? process.stderr : undefined,
  nowMs: () => now(),
  // As many bits as a commit hash gives.
  drawSeed: () => randomInt(2 ** 48 - 1),
  turn: () => new Promise((resolve) => immediate(resolve)),
  onInterrupt(listener) {
    // Once: a second Ctrl-C ends the process as it would any other.
    process.once('SIGINT', listener);
    return () => process.off('SIGINT', listener);
  },
  openTrace: openTraceFile,
};

for (const stream of [process.stdout, process.stderr]) stream.on('error', onOutputError);

const ending = await main(process.argv.slice(2), io, {
  scenarios,
  bugs,
  invariants,
  simulate,
  describeScenario,
});
// Set, not called: output that is still on its way to a pipe must arrive.
process.exitCode ||= exitCodes[ending];

/** A reader that has seen enough (`| head`) is no error. A full disk is one, and must not look like a pass. */
function onOutputError(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') process.exitCode ||= exitCodes.usage;
}
