/**
 * The program `node --import tsx tools/option-table.ts`: writes the option tables of `README.md` and the doc comments of
 * the option types anew from the tables in `src/options/`. A test compares both with what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ATTACH_OPTIONS, SHUTDOWN_OPTIONS } from '../src/options/call-option-tables.ts';
import type { OptionTable } from '../src/options/option-rows.ts';
import { REGISTRY_OPTIONS } from '../src/options/option-table.ts';

interface Documented {
  /** The file whose interface repeats the texts in its doc comments. */
  readonly file: string;
  /** Heads the table in the README. */
  readonly call: string;
  readonly table: OptionTable;
}

export const documented: readonly Documented[] = [
  {
    file: 'src/options/registry-options.ts',
    call: 'new WebSocketManagerRegistry()',
    table: REGISTRY_OPTIONS,
  },
  { file: 'src/upgrade/attach-options.ts', call: 'attach(registry, …)', table: ATTACH_OPTIONS },
  {
    file: 'src/options/shutdown-options.ts',
    call: 'registry.shutdown()',
    table: SHUTDOWN_OPTIONS,
  },
];

const begin = '<!-- options: written by tools/option-table.ts -->\n';
const end = '<!-- end of options -->\n';

/** `README.md` with its tables of options as they should be. */
export function withTables(readme: string): string {
  const from = readme.indexOf(begin) + begin.length;
  const to = readme.indexOf(end);
  if (from < begin.length || to < from) throw new Error('README.md has no markers for its options');
  return `${readme.slice(0, from)}\n${documented.map(tableOf).join('\n')}\n${readme.slice(to)}`;
}

function tableOf({ call, table }: Documented): string {
  const rows = Object.entries(table).map(([name, { unit, default: value, range, text }]) =>
    ['', `\`${name}\``, unit, value, range, text, ''].join(' | ').trim(),
  );
  const head = `| option of \`${call}\` | unit | default | range | meaning |\n|---|---|---|---|---|`;
  return `${head}\n${rows.join('\n')}\n`;
}

/** The source of option types with its doc comments as they should be. */
export function withDocComments(source: string, table: OptionTable): string {
  return Object.entries(table).reduce((text, [name, row]) => {
    const member = new RegExp(`  /\\*\\*(?:(?!\\*/)[^])*\\*/\\n(  (?:readonly )?${name}[?:(])`);
    if (!member.test(text)) throw new Error(`${name} has no doc comment`);
    const lines = [...wrapped(row.text), '', `@default ${row.default}`];
    if (row.default === 'required') lines.splice(-2);
    const comment = ['  /**', ...lines.map((line) => `   * ${line}`.trimEnd()), '   */'].join('\n');
    return text.replace(member, (_match, code: string) => `${comment}\n${code}`);
  }, source);
}

const widthMax = 110;

function wrapped(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && line.length + word.length >= widthMax) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines;
}

const root = new URL('..', import.meta.url);

function rewrite(file: string, change: (text: string) => string): void {
  const path = fileURLToPath(new URL(file, root));
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { file, table } of documented) rewrite(file, (text) => withDocComments(text, table));
  rewrite('README.md', withTables);
}
