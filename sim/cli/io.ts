/** Everything the command line touches outside the simulation. `sim/cli.ts` binds the process; tests bind arrays. */

import type { Worker } from 'node:worker_threads';
import type { Work } from '../search/pool/start-worker.ts';

/** Where a trace goes. Takes lines while a run is on, so nothing in it may wait for the event loop. */
export interface TraceSink {
  /** Never throws: a disk that is full is no fault of the code under test. */
  write(record: object): void;
  /** What was written is void: another run begins. */
  restart(): void;
  /** Writes what is left and closes. Returns what went wrong, first error first. */
  close(): Error | undefined;
}

export interface Io {
  /** Standard output. */
  out(text: string): void;
  /** Standard error. */
  err(text: string): void;
  /** Standard error when it is a terminal that a progress bar can be drawn on. */
  readonly terminal: NodeJS.WriteStream | undefined;
  /** Milliseconds of real time, from any origin. */
  nowMs(): number;
  /** A seed that nobody chose. */
  drawSeed(): number;
  /** Lets the real event loop turn once, so that a signal is seen between two runs. */
  turn(): Promise<void>;
  /** Calls `listener` at the first request to stop; a second one ends the process. Returns what takes it off again. */
  onInterrupt(listener: () => void): () => void;
  /** @throws when the file cannot be written. */
  openTrace(path: string): TraceSink;
  /** The text of a file, or nothing when there is none. @throws when it cannot be read. */
  readText(path: string): string | undefined;
  /** Puts `text` in the place of what the file held, wholly or not at all. @throws when it cannot. */
  replaceText(path: string, text: string): void;
  /** Like `replaceText`, in a folder that is made where there is none. @throws when it cannot. */
  writeText(path: string, text: string): void;
  /** Runs that this machine can make at the same time. */
  readonly parallelism: number;
  /** Starts the program once more, in a thread that does the work. */
  startThread(work: Work): Worker;
  /** Digest of all sources that a run is made with. */
  codeDigest(): string;
}
