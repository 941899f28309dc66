/**
 * The trace of a run as a file of JSON lines. Written with the synchronous calls on purpose: a stream would finish its
 * writes on the event loop in the middle of the run, and it would have to hold whatever the run produces faster than the
 * disk takes it. Here the run waits for the disk instead, in virtual time it takes no time at all.
 */

import { closeSync, openSync, writeSync } from 'node:fs';

/** Where a trace goes. Takes lines while a run is on, so nothing in it may wait for the event loop. */
export interface TraceSink {
  /** Never throws: a disk that is full is no fault of the code under test. */
  write(record: object): void;
  /** What was written is void: the run is made again. */
  restart(): void;
  /** Writes what is left and closes. Returns what went wrong, first error first. */
  close(): Error | undefined;
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
