/** The trace that a command line asked for: opened before the run, and closed with a word about what went wrong. */

import type { Ending } from './exit-status.ts';
import type { Io, TraceSink } from './io.ts';
import { reason } from './print.ts';
import { quoted, UsageError } from './usage-error.ts';

/** @throws {UsageError} when the file cannot be written. */
export function openTrace(path: string | undefined, io: Io): TraceSink | undefined {
  if (path === undefined) return undefined;
  try {
    return io.openTrace(path);
  } catch (error) {
    throw new UsageError(`--trace ${quoted(path)} cannot be written: ${reason(error)}`);
  }
}

/** A trace that is not whole is said so, but does not hide that the run failed. */
export function closeTrace(
  trace: TraceSink | undefined,
  path: string | undefined,
  io: Io,
  ending: Ending,
): Ending {
  const error = trace?.close();
  if (error === undefined) return ending;
  io.err(`error: --trace ${quoted(path ?? '')} is not whole: ${reason(error)}\n`);
  return ending === 'held' ? 'usage' : ending;
}
