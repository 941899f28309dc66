/** The Vitest file that stands beside a shrunk scenario: red on what broke, green once it holds. */
import { posix } from 'node:path';
import type { SystemModule } from '../run/system.ts';

export interface TestFacts {
  /** Of the scenario file beside it, without `.json`. */
  readonly name: string;
  /** The invariant that broke. */
  readonly invariant: string;
  /** Its own path, from the folder in which the command was called. */
  readonly testFile: string;
  /** The command that made it. */
  readonly madeBy: string;
  /** The command that runs it. */
  readonly runBy: string;
  /** Where the system is imported from; absent for the package's own, which the scenario file names. */
  readonly module?: SystemModule | undefined;
}

/** It states that every invariant holds, which it must from the day on which the cause is fixed. */
export function testText({ name, invariant, testFile, madeBy, runBy, module }: TestFacts): string {
  const own = module === undefined ? '' : `${importText(module, testFile)}\n`;
  const system = module === undefined ? '' : `, system: ${module.name}`;
  return `/**
 * Made by: ${madeBy}
 * Run by:  ${runBy}
 *
 * With LEAKTIGHT_BUG=none it runs on the code as it ships, with LEAKTIGHT_BUG=<name> with another seeded bug.
 */
import { replayFile } from 'leaktight/sim/replay';
import { expect, test } from 'vitest';
${own}
test(${JSON.stringify(`${name} holds: ${invariant}`)}, async () => {
  const file = new URL(${JSON.stringify(`./${name}.json`)}, import.meta.url);

  const { outcome } = await replayFile(file, { bug: process.env.LEAKTIGHT_BUG${system} });

  expect(outcome.failure).toBeUndefined();
  expect(outcome.verdict).toBe('passed');
});
`;
}

function importText({ specifier, name }: SystemModule, testFile: string): string {
  const beside = posix.relative(posix.dirname(testFile), specifier);
  const path = beside.startsWith('.') ? beside : `./${beside}`;
  const from = specifier.startsWith('.') ? path : specifier;
  return `import { ${name} } from '${from}';`;
}
