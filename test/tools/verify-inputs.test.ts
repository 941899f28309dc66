import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { assertInstalled, readInputs } from '../../tools/verify/inputs.ts';
import { readMutationScore } from '../../tools/verify/mutation.ts';
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

/** A checkout of one commit. */
function makeCheckout(): { readonly root: string; readonly commit: string } {
  const root = folderOf({ 'src/a.ts': '', 'reports/verification.md': 'old' });
  for (const name of ['package.json', 'package-lock.json']) cpSync(name, join(root, name));
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.org', ...args], {
      cwd: root,
      encoding: 'utf8',
    });
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '--message', 'Start');
  return { root, commit: git('rev-parse', 'HEAD').trim() };
}

describe('the inputs of a verification', () => {
  test('the installed packages are the locked ones in this repository', () => {
    const inputs = readInputs('.');

    expect(inputs.packages.map(({ name }) => name)).toEqual(['ws', '@sinonjs/fake-timers']);
    expect(() => assertInstalled('.', inputs)).not.toThrow();
  });

  test('a package that is not installed as it is locked is refused', () => {
    const inputs = readInputs('.');
    const root = folderOf({ 'node_modules/ws/package.json': '{"version":"8.0.0"}' });

    expect(() => assertInstalled(root, inputs)).toThrow(
      /^ws 8\.0\.0 is installed, \d+\.\d+\.\d+ is locked; run npm ci$/,
    );
    expect(() => assertInstalled(folderOf({}), inputs)).toThrow('ws is not installed; run npm ci');
  });

  test('a file that cannot be read is named', () => {
    expect(() => readInputs(folderOf({}))).toThrow('package.json cannot be read: ENOENT');
    expect(() => readInputs(folderOf({ 'package.json': '{' }))).toThrow('package.json cannot be');
  });

  test('the commit is the one that is checked out, and a changed report does not change it', () => {
    const { root, commit } = makeCheckout();
    appendFileSync(join(root, 'reports/verification.md'), 'new');

    expect(readInputs(root)).toMatchObject({ commit, isChanged: false });
  });

  test('a changed source is said', () => {
    const { root, commit } = makeCheckout();
    appendFileSync(join(root, 'src/a.ts'), '// changed\n');

    expect(readInputs(root)).toMatchObject({ commit, isChanged: true });
  });
});

describe('the mutation score', () => {
  const fileOf = (text: string): string => join(folderOf({ 'report.json': text }), 'report.json');

  test('the line is made of a report of Stryker', () => {
    const location = { start: { line: 1, column: 1 }, end: { line: 1, column: 2 } };
    const mutant = { mutatorName: 'BooleanLiteral', replacement: 'true', location };
    const mutants = ['Killed', 'Survived'].map((status) => ({ ...mutant, status }));
    const text = JSON.stringify({ files: { 'src/none.ts': { source: 'a', mutants } } });

    expect(readMutationScore(fileOf(text))).toContain('Mutation score 50 %: 1 killed by a test');
  });

  test.each([
    ['{', 'report.json is not a report of Stryker'],
    ['[]', 'report.json is not a report of Stryker'],
    ['{"files":{}}', 'no mutant was killed'],
  ])('a file that holds %s is refused', (text, reason) => {
    expect(() => readMutationScore(fileOf(text))).toThrow(reason);
  });
});

describe('the options of a verification', () => {
  test('the options are those that were given', () => {
    expect(parseOptions([])).toEqual({ help: false });
    expect(parseOptions(['--workers', '3', '--mutation-report', 'a.json'])).toEqual({
      help: false,
      workers: 3,
      mutationReport: 'a.json',
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
