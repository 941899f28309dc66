import { expect, test } from 'vitest';
import { LeaktightError } from '../../../src/index.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';

test('every error is a LeaktightError with a name and a code', () => {
  let caught: unknown;
  try {
    resolveOptions({ maxManagersPerUser: -1 });
  } catch (error) {
    caught = error;
  }

  expect(caught).toBeInstanceOf(LeaktightError);
  expect(caught).toMatchObject({
    name: 'InvalidOptionError',
    code: 'ERR_LEAKTIGHT_INVALID_OPTION',
    option: 'maxManagersPerUser',
  });
});
