import { expect, test } from 'vitest';
import { ddmin } from '../../../sim/search/shrink/ddmin.ts';

async function left(items: readonly number[], needed: readonly number[]) {
  const tried: (readonly number[])[] = [];
  const result = await ddmin(items, async (shorter) => {
    tried.push(shorter);
    return needed.every((item) => shorter.includes(item));
  });
  return { result, tried };
}

const hundred = Array.from({ length: 100 }, (_, index) => index);

test('what is needed is left, in its order, wherever it stands', async () => {
  expect((await left(hundred, [3, 97, 50])).result).toEqual([3, 50, 97]);
  expect((await left(hundred, [])).result).toEqual([]);
  expect((await left([1], [1])).result).toEqual([1]);
  expect((await left([], [])).result).toEqual([]);
});

test('large chunks go first: one of a hundred is found in a few tries', async () => {
  expect((await left(hundred, [42])).tried.length).toBeLessThan(20);
});

test('each item that is left by a second pass was tried without', async () => {
  const first = await left(hundred, [10, 11, 90]);
  const { result, tried } = await left(first.result, [10, 11, 90]);

  expect(result).toEqual([10, 11, 90]);
  for (const item of result) {
    expect(tried).toContainEqual(result.filter((other) => other !== item));
  }
});
