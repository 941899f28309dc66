import { expect, test } from 'vitest';
import { ended, start } from '../cli/start.ts';

test.each([
  ['--seeds=', '--seeds must be at least one seed'],
  [
    '--seeds=1,x',
    "--seeds must be a decimal from 0 to 9007199254740991 or exactly 40 hexadecimal digits, got 'x'",
  ],
  ['--versions=22;ls', "--versions must be numbers like 22 or 22.20.0, got '22;ls'"],
  ['--scenario=nowhere', "--scenario 'nowhere' is no scenario"],
  ['--sees=1', "Unknown option '--sees'"],
])('npm run determinism refuses %s before it runs a seed', async (word, problem) => {
  const { code, out, err } = await ended(start(word, 'tools/determinism.ts'));

  expect(code).toBe(2);
  expect(out).toBe('');
  expect(err).toContain(`error: ${problem}`);
});
