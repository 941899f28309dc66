/** The trace that a command line asked for: opened before the run, and closed with a line about what went wrong. */
import type { ExitStatus } from './exit-status.ts';
import { type Io, reasonOf } from './io.ts';
import type { TraceSink } from './trace-file.ts';
import { quoted, UsageError } from './usage-error.ts';

/** @throws {UsageError} when the file cannot be written. */
export function openTrace(path: string | undefined, io: Io): TraceSink | undefined {
  if (path === undefined) return undefined;
  try {
    return io.openTrace(path);
  } catch (error) {
    throw new UsageError(`--trace ${quoted(path)} cannot be written: ${reasonOf(error)}`);
  }
}

/** A trace that is not whole is said so, but does not hide that the run failed. */
export function closeTrace(
  trace: TraceSink | undefined,
  path: string | undefined,
  io: Io,
  status: ExitStatus,
): ExitStatus {
  const error = trace?.close();
  if (error === undefined) return status;
  io.err(`error: --trace ${quoted(path ?? '')} is not whole: ${reasonOf(error)}\n`);
  return status === 'held' ? 'usage' : status;
}
