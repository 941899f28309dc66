/**
 * The trace of a run as a file of JSON lines. Written with the synchronous calls on purpose: a stream would finish its
 * writes on the event loop in the middle of the run, and it would have to hold whatever the run produces faster than the
 * disk takes it. Here the run waits for the disk instead, in virtual time it takes no time at all.
 */

import { closeSync, openSync, writeSync } from 'node:fs';
import { type ExitStatus, type Io, reasonOf, type TraceSink } from './io.ts';
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

/** Characters that are gathered before they are written: a call for every line would be most of a run. */
const pendingMax = 65_536;

/** @throws when `path` cannot be opened for writing. What the file held before is gone. */
export function openTraceFile(path: string): TraceSink {
  let file = openSync(path, 'w');
  let pending = '';
  let error: Error | undefined;

  const prepared = (action: () => void): void => {
    try {
      action();
    } catch (thrown) {
      error ??= thrown instanceof Error ? thrown : new Error(String(thrown));
    }
  };
  const flush = (): void => {
    const bytes = Buffer.from(pending);
    pending = '';
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
  };
  return {
    write(record) {
      if (error !== undefined) return;
      prepared(() => {
        pending += `${JSON.stringify(record)}\n`;
        if (pending.length >= pendingMax) flush();
      });
    },
    restart() {
      pending = '';
      prepared(() => {
        closeSync(file);
        file = openSync(path, 'w');
      });
    },
    close() {
      if (error === undefined) prepared(flush);
      prepared(() => closeSync(file));
      return error;
    },
  };
}
