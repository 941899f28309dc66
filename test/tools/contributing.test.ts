import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const text = readFileSync('CONTRIBUTING.md', 'utf8');
const scripts = (
  JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  }
).scripts;

test('every path that CONTRIBUTING.md names exists', () => {
  const named = [
    ...text.matchAll(/(?<![\w./-])(?:src|sim|properties|test|tools|bench|examples)\/[\w./-]*\w/g),
  ].map(([path]) => path);

  expect(named.length).toBeGreaterThan(50);
  expect([...new Set(named)].filter((path) => !existsSync(path))).toEqual([]);
});

test('every command of npm that CONTRIBUTING.md names exists', () => {
  const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);

  expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
});

test('CONTRIBUTING.md names every folder of the sources', () => {
  const folders = ['src', 'sim', 'properties', 'test', 'bench', 'tools', 'reports', 'examples'];

  expect(folders.filter((folder) => !text.includes(`| \`${folder}/`))).toEqual([]);
});
