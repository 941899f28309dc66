import { expect, test } from 'vitest';
import { findOldWords, oldWordsIn, parseWords } from '../../tools/old-words.ts';

const words = parseWords('# about\n/roster/    connection set\nwhoever    the client that\n');

test('an old word is found with its line and the word to write instead', () => {
  expect(oldWordsIn('first\nWhoever comes\n', words)).toEqual([
    '2 Whoever (write: the client that)',
  ]);
});

test('a pattern in slashes is found inside identifiers, and a bare word is not', () => {
  expect(oldWordsIn('this.#rosterOf();', words)).toEqual(['1 roster (write: connection set)']);
  expect(oldWordsIn('whoeverElse();', words)).toEqual([]);
});

test('an allowed text may hold an old word, and nothing else on its line may', () => {
  const allowed = ['roster as alias'];

  expect(oldWordsIn('export { roster as alias };', words, allowed)).toEqual([]);
  expect(oldWordsIn('export { roster as alias, roster };', words, allowed)).toHaveLength(1);
});

test('the tree is free of old words', () => {
  expect(findOldWords()).toEqual([]);
});
