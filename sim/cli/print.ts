/** Lines and JSON on standard output, and what an error says in one line. */

import type { Io } from './io.ts';

export function print(io: Io, lines: readonly string[]): void {
  io.out(`${lines.join('\n')}\n`);
}

export function printJson(io: Io, value: object): void {
  io.out(`${JSON.stringify(value)}\n`);
}

export function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0] ?? message;
}
