/** How an emergency cleanup divides its deadline. */
import { describe, expect, test } from 'vitest';
import { emergencyBudget } from '../../../src/admission/emergency-budget.ts';
import type { RegistryOptions } from '../../../src/index.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';
import { detachShareMs } from '../../../src/socket/close-order.ts';

describe('the budget of an emergency cleanup', () => {
  test.each([
    [{}, { probeMs: 2_000, terminateAfterMs: 9_000, detachMs: 1_000 }],
    [{ emergencyDeadlineMs: 2_000 }, { probeMs: 900, terminateAfterMs: 1_800, detachMs: 200 }],
    [
      { emergencyDeadlineMs: 60_000 },
      { probeMs: 2_000, terminateAfterMs: 59_000, detachMs: 1_000 },
    ],
    [{ emergencyDeadlineMs: 30 }, { probeMs: 7.5, terminateAfterMs: 15, detachMs: 15 }],
    [{ emergencyDeadlineMs: 100 }, { probeMs: 40, terminateAfterMs: 80, detachMs: 20 }],
  ])(
    'the budget of an emergency cleanup with %j is kept within the deadline',
    (options, expected) => {
      expect(emergencyBudget(resolveOptions(options))).toEqual(expected);
    },
  );

  test('the budget of an emergency cleanup keeps a tenth for sockets that must be destroyed, more of a short one, at most a second', () => {
    expect([0, 10, 39, 40, 199, 400, 9_000, 20_000].map(detachShareMs)).toEqual([
      0, 5, 19.5, 20, 20, 40, 900, 1_000,
    ]);
  });
});

test('the budget of an emergency cleanup fits the deadline with any combination of options', () => {
  const combinations: RegistryOptions[] = [
    {},
    { probeTimeoutMs: 60_000 },
    { closeTimeoutMs: 60_000, emergencyDeadlineMs: 1 },
    { probeTimeoutMs: 5_000, closeTimeoutMs: 5_000, emergencyDeadlineMs: 10_000 },
  ];
  for (const options of combinations) {
    const resolved = resolveOptions(options);
    const { probeMs, terminateAfterMs, detachMs } = emergencyBudget(resolved);

    expect(probeMs).toBeLessThanOrEqual(terminateAfterMs);
    expect(terminateAfterMs + detachMs).toBeLessThanOrEqual(resolved.emergencyDeadlineMs);
  }
});
