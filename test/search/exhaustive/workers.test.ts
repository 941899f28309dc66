/** An exhaustive search of the registry by the program itself, in threads. */
import { expect, test } from 'vitest';
import { ended, start } from '../../cli/start.ts';

test('a search has one result, to the last byte, however many workers make it', async () => {
  const words = '--exhaustive --depth 2 --json --workers';
  const [here, there] = await Promise.all([ended(start(`${words} 0`)), ended(start(`${words} 2`))]);

  expect(here.code).toBe(0);
  expect(JSON.parse(here.out)).toMatchObject({ depth: 2, verdict: 'passed' });
  expect(there).toEqual(here);
});
