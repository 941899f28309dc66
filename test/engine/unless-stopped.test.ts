/** A run that ended because its process was stopped is made anew, once. */
import { expect, test } from 'vitest';
import { engineInvariants } from '../../sim/run/invariant.ts';
import type { Outcome } from '../../sim/run/outcome.ts';
import { unlessStopped } from '../../sim/run/unless-stopped.ts';
import { runClean } from './support.ts';

async function outcomesOf(...invariants: readonly (string | undefined)[]) {
  const clean = await runClean({});
  const outcomes = invariants.map((invariant, event): Outcome => {
    const failure = { detail: '', atMs: 0, event, lastEvent: '' };
    return {
      ...clean,
      events: event,
      ...(invariant === undefined ? {} : { failure: { invariant, ...failure } }),
    };
  });
  let runs = 0;
  let restarts = 0;
  const outcome = await unlessStopped(
    async () => {
      const next = outcomes[runs];
      runs += 1;
      if (next === undefined) throw new Error('one run too many');
      return next;
    },
    () => {
      restarts += 1;
    },
  );
  return { outcome, runs, restarts };
}

const { stopped, hang } = engineInvariants;

test.each([
  ['one that passed', [undefined], 1],
  ['one that hangs', [hang], 1],
  ['one that was stopped', [stopped, undefined], 2],
  ['one that failed when it was made anew', [stopped, 'no manager leaks'], 2],
  ['one that waits for what never comes', [stopped, stopped], 2],
])('%s', async (_, invariants, expected) => {
  const { outcome, runs, restarts } = await outcomesOf(...invariants);

  expect(runs).toBe(expected);
  expect(restarts).toBe(expected - 1);
  expect(outcome.failure?.invariant).toBe(invariants.at(-1));
});

test('nobody need be told', async () => {
  const clean = await runClean({});
  const failure = { invariant: stopped, detail: '', atMs: 0, event: 0, lastEvent: '' };
  let runs = 0;

  const outcome = await unlessStopped(async () => {
    runs += 1;
    return runs === 1 ? { ...clean, failure } : clean;
  });

  expect(outcome).toBe(clean);
});
