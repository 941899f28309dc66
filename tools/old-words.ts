/**
 * The program `npm run check:words`: names every place in the tree that uses a word of `old-words.txt`. Names of
 * scenarios, seeded bugs and whatever is digested keep their words: they are listed here as allowed.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface OldWord {
  readonly pattern: RegExp;
  readonly instead: string;
}

/** Exact texts that may contain an old word: public names kept as deprecated aliases, and digested strings. */
const allowedTexts: readonly string[] = [
  'anteroom-forgotten',
  'newcomer-counted-twice',
  'newcomer-after-a-long-sleep.json',
  '`newcomer-${',
  "['nobody', 401]",
  "case 'nobody':",
  'SimulatedSystem as SystemUnderTest',
  '`SystemUnderTest`',
  'turnPage?(): void',
  'system.turnPage?.()',
  'turnPage: ',
  'export type ExpulsionCause = PolicyDisconnectCause;',
  "Symbol.for('leaktight.entrances')",
  'whenAwake(host: Host, body: () => void): void {',
];

const skipped =
  /^(reports\/|sim\/corpus\/.*\.json$|package-lock\.json$|(?:test\/)?tools\/old-words|CHANGELOG\.md$)/;
const read = /\.(ts|mjs|md|json|html|yml)$/;

const root = fileURLToPath(new URL('..', import.meta.url));

/** Every use of an old word, as `file:line word (instead)`. @param folders Below the root. @default the whole tree */
export function findOldWords(folders: readonly string[] = []): string[] {
  const words = readWords();
  const files = execFileSync('git', ['ls-files', ...folders], { cwd: root, encoding: 'utf8' });
  return files
    .split('\n')
    .filter((file) => read.test(file) && !skipped.test(file) && existsSync(`${root}${file}`))
    .flatMap((file) =>
      oldWordsIn(readFileSync(`${root}${file}`, 'utf8'), words).map((use) => `${file}:${use}`),
    );
}

/** Uses in one text, as `line word (instead)`. @param allowed Exact texts that are passed over. */
export function oldWordsIn(
  text: string,
  words: readonly OldWord[],
  allowed: readonly string[] = allowedTexts,
): string[] {
  return text.split('\n').flatMap((line, index) => {
    const rest = allowed.reduce((left, one) => left.replaceAll(one, ''), line);
    return words.flatMap(({ pattern, instead }) => {
      const word = pattern.exec(rest)?.[0];
      return word === undefined ? [] : [`${index + 1} ${word} (write: ${instead})`];
    });
  });
}

/** The list: see the head of `old-words.txt` for its form. */
export function parseWords(list: string): readonly OldWord[] {
  return list
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [word = '', instead = ''] = line.split(/ {2,}/);
      const inner = /^\/(.*)\/$/.exec(word)?.[1];
      return { pattern: new RegExp(inner ?? `\\b(?:${word})\\b`, 'i'), instead };
    });
}

function readWords(): readonly OldWord[] {
  return parseWords(readFileSync(new URL('old-words.txt', import.meta.url), 'utf8'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = findOldWords(process.argv.slice(2));
  for (const line of found) console.log(line);
  console.log(`${found.length} old words`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
