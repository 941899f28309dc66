/** The Vitest file that stands beside a shrunk scenario: red on what broke, green once it holds. */

export interface TestWords {
  /** Of the scenario file beside it, without `.json`. */
  readonly name: string;
  /** The invariant that broke. */
  readonly invariant: string;
  /** Its own path, from the root of the repository. */
  readonly testFile: string;
  readonly madeBy: string;
}

/** It states that every invariant holds, which it must from the day on which the cause is fixed. */
export function testText({ name, invariant, testFile, madeBy }: TestWords): string {
  return `/**
 * Made by: ${madeBy}
 * Run by:  npx vitest run ${testFile}
 *
 * With LEAKTIGHT_BUG=none it runs on the code as it ships, with LEAKTIGHT_BUG=<name> with another seeded bug.
 */
import { expect, test } from 'vitest';
import { replayFile } from '../systems/registry/replay.ts';

test(${JSON.stringify(`${name} holds: ${invariant}`)}, async () => {
  const file = new URL(${JSON.stringify(`./${name}.json`)}, import.meta.url);

  const outcome = await replayFile(file, process.env.LEAKTIGHT_BUG);

  expect(outcome.failure).toBeUndefined();
  expect(outcome.verdict).toBe('passed');
});
`;
}
