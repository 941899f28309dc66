/**
 * The program `npm run check:words`: names every place in the tree that uses a word of `old-words.txt`. Names of
 * scenarios, seeded bugs and whatever is digested keep their words: they are listed here as allowed.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface OldWord {
  readonly pattern: RegExp;
  readonly instead: string;
}

/** Exact texts that may contain an old word: public names kept as deprecated aliases, and digested strings. */
const allowedTexts: readonly string[] = [
  'SimulatedSystem as SystemUnderTest',
  '`SystemUnderTest`',
  'turnPage?(): void',
  'system.turnPage?.()',
  'turnPage: ',
];

const skipped =
  /^(reports\/|sim\/corpus\/.*\.json$|package-lock\.json$|tools\/old-words|CHANGELOG\.md$)/;
const read = /\.(ts|mjs|md|json|html|yml)$/;

const root = fileURLToPath(new URL('..', import.meta.url));

/** Every use of an old word, as `file:line word (instead)`. @param folders Below the root. @default the whole tree */
export function findOldWords(folders: readonly string[] = []): string[] {
  const words = readWords();
  const files = execFileSync('git', ['ls-files', ...folders], { cwd: root, encoding: 'utf8' });
  return files
    .split('\n')
    .filter((file) => read.test(file) && !skipped.test(file) && existsSync(`${root}${file}`))
    .flatMap((file) => usesIn(file, words));
}

function usesIn(file: string, words: readonly OldWord[]): string[] {
  const lines = readFileSync(`${root}${file}`, 'utf8').split('\n');
  return lines.flatMap((line, index) => {
    const text = allowedTexts.reduce((rest, allowed) => rest.replaceAll(allowed, ''), line);
    return words.flatMap(({ pattern, instead }) => {
      const word = pattern.exec(text)?.[0];
      return word === undefined ? [] : [`${file}:${index + 1} ${word} (write: ${instead})`];
    });
  });
}

function readWords(): readonly OldWord[] {
  const lines = readFileSync(new URL('old-words.txt', import.meta.url), 'utf8').split('\n');
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [word = '', instead = ''] = line.split(/ {2,}/);
      const inner = /^\/(.*)\/$/.exec(word)?.[1];
      return { pattern: new RegExp(inner ?? `\\b(?:${word})\\b`, 'i'), instead };
    });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = findOldWords(process.argv.slice(2));
  for (const line of found) console.log(line);
  console.log(`${found.length} old words`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
