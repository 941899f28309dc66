/** @throws {Error} that says what is so and what should be, unless they are the same. */
export function agree(what: string, actual: unknown, expected: unknown): void {
  if (actual === expected) return;
  throw new Error(`${what}: ${String(actual)}, not ${String(expected)}`);
}
