/** Everything the command line touches outside the simulation. `program.ts` binds the process; tests bind arrays. */
import type { CheckpointFiles } from '../search/campaign/checkpoint.ts';
import type { Means } from '../search/means.ts';

export interface Io extends Means, CheckpointFiles {
  /** Standard output. */
  out(text: string): void;
  /** Standard error. */
  err(text: string): void;
  /** Standard error when it is a terminal that a progress bar can be drawn on. */
  readonly terminal: NodeJS.WriteStream | undefined;
  nowMs(): number;
  /** A seed for a call that names none. */
  drawSeed(): number;
  /** @throws when the file cannot be written. */
  openTrace(path: string): TraceSink;
  /** Like `replaceText`, in a folder that is made where there is none. @throws when it cannot. */
  writeText(path: string, text: string): void;
  /** Runs that this machine can make at the same time. */
  readonly parallelism: number;
}

/** Where a trace goes. Takes lines while a run is on, so nothing in it may wait for the event loop. */
export interface TraceSink {
  /** Never throws: a disk that is full is no fault of the code under test. */
  write(record: object): void;
  /** What was written is void: the run is made again. */
  restart(): void;
  /** Writes what is left and closes. Returns what went wrong, first error first. */
  close(): Error | undefined;
}

/** How a call ended, and the exit code of each. */
export type ExitStatus = 'held' | 'broke' | 'usage' | 'diverged' | 'interrupted';

export const exitCodes: Readonly<Record<ExitStatus, number>> = {
  held: 0,
  broke: 1,
  usage: 2,
  diverged: 3,
  interrupted: 130,
};

export function print(io: Io, lines: readonly string[]): void {
  io.out(`${lines.join('\n')}\n`);
}

export function printJson(io: Io, value: object): void {
  io.out(`${JSON.stringify(value)}\n`);
}

/** What an error says, in one line. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0] ?? message;
}
