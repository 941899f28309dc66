/** The options are described in one table: the README and the doc comments of the types repeat it. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { documented, withDocComments, withTables } from '../../tools/option-table.ts';

const read = (file: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8');

test('the README shows every option as the option tables of src describe it', () => {
  const readme = read('README.md');

  expect(withTables(readme)).toBe(readme);
});

test.each(documented)('the doc comments of $file are the texts of the option tables', (each) => {
  const source = read(each.file);

  expect(withDocComments(source, each.table)).toBe(source);
});

test.each(documented)('an option of $call in milliseconds or bytes says so in its text', (each) => {
  for (const [name, { unit, text }] of Object.entries(each.table)) {
    if (unit === 'ms') expect(text, name).toMatch(/milliseconds/i);
    if (unit === 'bytes') expect(text, name).toMatch(/bytes/i);
  }
});
