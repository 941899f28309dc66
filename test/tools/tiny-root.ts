/** A folder for `npm run verify` with a plan of seconds, and the program started on it. */

import type { ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ended, ended, start } from '../cli/start.ts';

const program = 'test/tools/tiny-verification.ts';

export interface TinyRoot {
  readonly root: string;
  /** The report that was written last. */
  report(): string;
  /** @param trouble What is to fail: `scenario`, `bug`, or both. */
  begin(args: string, trouble?: string): ChildProcess;
  verify(args: string, trouble?: string): Promise<Ended>;
  remove(): void;
}

export function makeTinyRoot(): TinyRoot {
  const root = mkdtempSync(join(tmpdir(), 'leaktight-verify-'));
  for (const name of ['package.json', 'package-lock.json']) cpSync(name, join(root, name));
  symlinkSync(realpathSync('node_modules'), join(root, 'node_modules'), 'junction');
  const begin = (args: string, trouble = ''): ChildProcess =>
    start(args, program, { VERIFY_ROOT: root, VERIFY_TROUBLE: trouble });
  return {
    root,
    begin,
    report: () => readFileSync(join(root, 'reports/verification.md'), 'utf8'),
    verify: (args, trouble) => ended(begin(args, trouble)),
    remove: () => rmSync(root, { recursive: true }),
  };
}
