/** The mutation score as it was last measured: read from a file that somebody else writes, and said in a few lines. */

import { join } from 'node:path';
import { readText } from '../../sim/cli/files.ts';
import { formatCount } from '../../sim/report/format.ts';

export const mutationFile = 'reports/mutation.json';

export type Mutation =
  | { readonly kind: 'missing' }
  | {
      readonly kind: 'measured';
      /** Whether it was measured on the sources that there are now. */
      readonly isCurrent: boolean;
      readonly sources: string;
      /** Per cent. */
      readonly score: number;
      readonly counts: Readonly<Record<(typeof counted)[number], number>>;
    };

/** What can become of a mutant, in the order of the report. */
const counted = ['killed', 'timedOut', 'survived', 'uncovered', 'equivalent'] as const;

const words: Readonly<Record<(typeof counted)[number], string>> = {
  killed: 'killed by a test',
  timedOut: 'stopped, because they did not end',
  survived: 'survived',
  uncovered: 'in code that no test runs',
  equivalent: 'the same as the original, as somebody has judged',
};

/**
 * @param sources Digest of the registry's sources as they are now.
 * @throws {Error} naming the field that is missing or is not what it must be.
 */
export function readMutation(root: string, sources: string): Mutation {
  const text = readText(join(root, mutationFile));
  if (text === undefined) return { kind: 'missing' };
  const file = parse(text);
  if (file.format !== 1) refuse('format', 'must be 1', file.format);
  if (typeof file.sources !== 'string') refuse('sources', 'must be a digest', file.sources);
  const score = numberOf(file, 'score');
  const counts = Object.fromEntries(counted.map((name) => [name, numberOf(file, name)]));
  return {
    kind: 'measured',
    isCurrent: file.sources === sources,
    sources: file.sources as string,
    score,
    counts: counts as Record<(typeof counted)[number], number>,
  };
}

export function mutationLines(mutation: Mutation): string[] {
  if (mutation.kind === 'missing') {
    return [`Not measured: there is no \`${mutationFile}\`.`];
  }
  const { isCurrent, sources, score, counts } = mutation;
  const found = counted.map((name) => `${formatCount(counts[name])} ${words[name]}`).join(', ');
  const measured = `Mutation score ${score} %: of the mistakes made by machine in \`src/\`, ${found}.`;
  const of = isCurrent
    ? 'Measured on these very sources'
    : `**Measured on other sources than these** (\`src/\` was \`${sources}\` then): it says nothing certain of these`;
  return [measured, `${of}; see \`${mutationFile}\`.`];
}

type Fields = Readonly<Record<string, unknown>>;

function parse(text: string): Fields {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (error) {
    throw new Error(`${mutationFile} is not whole JSON: ${(error as Error).message}`);
  }
  if (typeof file === 'object' && file !== null) return file as Fields;
  throw new Error(`${mutationFile} must hold an object, got ${JSON.stringify(file)}`);
}

function numberOf(file: Fields, name: string): number {
  const value = file[name];
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  return refuse(name, 'must be a number from 0 on', value);
}

function refuse(field: string, rule: string, value: unknown): never {
  throw new Error(`${mutationFile}: ${field} ${rule}, got ${JSON.stringify(value)}`);
}
