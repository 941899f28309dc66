import { describe, expect, test } from 'vitest';
import { assertProperty, reportOfBug, timeoutMsFor } from '../runner/property.ts';
import { identityProperty, keysProperty } from './property.ts';

// Not `test.each`, which cuts a long title short, and then it is not found by its name.
for (const property of [identityProperty, keysProperty]) {
  test(property.title, { timeout: timeoutMsFor(property.runs) }, () => assertProperty(property));
}

describe('a property of identity fails with the seeded bug', () => {
  test.each([
    ['random-key', identityProperty, 'the thread id of'],
    ['thread-remembered', identityProperty, 'the thread id of'],
    ['secret-forgotten', identityProperty, 'the thread id of'],
    ['ids-joined', identityProperty, 'the thread id of'],
    ['key-per-message', keysProperty, 'stands for'],
    ['unescaped-key', keysProperty, 'stands for'],
    ['percent-unescaped', keysProperty, 'a % that stands for nothing'],
  ])('%s', async (bug, property, seen) => {
    const report = await reportOfBug(property, bug);

    expect(report?.text ?? 'it holds').toContain(seen);
  });
});
