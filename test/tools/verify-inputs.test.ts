import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { digestOfSources } from '../../tools/digest-of-sources.ts';
import { assertInstalled, readInputs } from '../../tools/verify/inputs.ts';
import { mutationLines, readMutation } from '../../tools/verify/mutation.ts';
import { parseOptions } from '../../tools/verify/options.ts';

function folderOf(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'leaktight-inputs-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

describe('the digest of the sources', () => {
  const files = { 'src/b.ts': 'b\n', 'src/a/c.ts': 'c\nc\n', 'src/a.json': '{}' };

  test('is the SHA-256 over name and text of each file, in the order of the names', () => {
    const expected = createHash('sha256').update('src/a/c.ts\0c\nc\n\0src/b.ts\0b\n\0');

    expect(digestOfSources(folderOf(files))).toBe(expected.digest('hex'));
  });

  test('does not change with line ends or other files', () => {
    const other = folderOf({ ...files, 'src/a/c.ts': 'c\r\nc\r\n', 'src/a.json': '[]' });

    expect(digestOfSources(other)).toBe(digestOfSources(folderOf(files)));
  });

  test.each([
    ['a text', { ...files, 'src/b.ts': 'B\n' }],
    ['a name', { 'src/b2.ts': 'b\n', 'src/a/c.ts': 'c\nc\n' }],
    ['a file more', { ...files, 'src/d.ts': '' }],
  ])('changes with %s', (_what, changed) => {
    expect(digestOfSources(folderOf(changed))).not.toBe(digestOfSources(folderOf(files)));
  });
});

describe('the inputs of a verification', () => {
  test('are those of this repository, as it is installed', () => {
    const inputs = readInputs('.');

    expect(inputs.registry).toMatch(/^[0-9a-f]{64}$/);
    expect(inputs.whole).not.toBe(inputs.registry);
    expect(inputs.packages.map(({ name }) => name)).toEqual(['ws', '@sinonjs/fake-timers']);
    expect(() => assertInstalled('.', inputs)).not.toThrow();
  });

  test('are refused when another package is installed than the one that is locked', () => {
    const inputs = readInputs('.');
    const root = folderOf({ 'node_modules/ws/package.json': '{"version":"8.0.0"}' });

    expect(() => assertInstalled(root, inputs)).toThrow(
      /^ws 8\.0\.0 is installed, \d+\.\d+\.\d+ is locked; run npm ci$/,
    );
    expect(() => assertInstalled(folderOf({}), inputs)).toThrow('ws is not installed; run npm ci');
  });

  test('name the file that cannot be read', () => {
    expect(() => readInputs(folderOf({}))).toThrow('package.json cannot be read: ENOENT');
    expect(() => readInputs(folderOf({ 'package.json': '{' }))).toThrow('package.json cannot be');
  });
});

describe('the mutation score', () => {
  const counts = { killed: 1_200, timedOut: 3, survived: 40, uncovered: 5, equivalent: 12 };
  const measured = { format: 1, sources: 'abc', score: 93.2, ...counts, files: {}, survivors: [] };
  const lines = (file: object | string, sources = 'abc') => {
    const text = typeof file === 'string' ? file : JSON.stringify(file);
    return mutationLines(readMutation(folderOf({ 'reports/mutation.json': text }), sources));
  };

  test('is said, with what became of the mutants', () => {
    expect(lines(measured)).toEqual([
      'Mutation score 93.2 %: of the mistakes made by machine in `src/`, 1,200 killed by a test, 3 stopped, because they did not end, 40 survived, 5 in code that no test runs, 12 the same as the original, as somebody has judged.',
      'Measured on these very sources; see `reports/mutation.json`.',
    ]);
  });

  test('is said to be of other sources when it is', () => {
    expect(lines(measured, 'def')[1]).toContain('**Measured on other sources than these** (`src/`');
  });

  test('is said to be missing when it is', () => {
    expect(mutationLines(readMutation(folderOf({}), 'abc'))).toEqual([
      'Not measured: there is no `reports/mutation.json`.',
    ]);
  });

  test.each([
    ['{', 'is not whole JSON'],
    ['[]', 'format must be 1, got undefined'],
    ['7', 'must hold an object, got 7'],
    [{ ...measured, format: 2 }, 'format must be 1, got 2'],
    [{ ...measured, sources: null }, 'sources must be a digest, got null'],
    [{ ...measured, score: '93' }, 'score must be a number from 0 on, got "93"'],
    [{ ...measured, killed: -1 }, 'killed must be a number from 0 on, got -1'],
  ])('is refused in a file that is %j', (file, reason) => {
    expect(() => lines(file)).toThrow(reason);
  });
});

describe('the options', () => {
  test('are those that were given', () => {
    expect(parseOptions([])).toEqual({ help: false, check: false });
    expect(parseOptions(['--check', '--workers', '3'])).toEqual({
      help: false,
      check: true,
      workers: 3,
    });
  });

  test.each([
    [['--workers', '0'], "--workers must be an integer from 1 to 64, got '0'"],
    [['--workers', '65'], "--workers must be an integer from 1 to 64, got '65'"],
    [['--workers', '2.5'], "--workers must be an integer from 1 to 64, got '2.5'"],
    [['--workers'], '--workers'],
    [['--quick'], '--quick'],
    [['quick'], 'quick'],
  ])('%j is refused by name', (args, reason) => {
    expect(() => parseOptions(args)).toThrow(reason);
  });
});
