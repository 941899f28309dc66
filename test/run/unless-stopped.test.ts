/** A run that ended because its process was stopped is made anew, as often as that happens. */
import { expect, test } from 'vitest';
import { engineInvariants } from '../../sim/run/invariant.ts';
import type { Outcome } from '../../sim/run/outcome.ts';
import { unlessStopped } from '../../sim/run/unless-stopped.ts';
import { runClean } from './support.ts';

/** How a run ends: the invariant that broke, and the event at which it did. */
type End = readonly [invariant: string, event: number] | undefined;

async function outcomesOf(ends: readonly End[]) {
  const clean = await runClean({});
  const outcomes = ends.map((end): Outcome => {
    if (end === undefined) return clean;
    const [invariant, event] = end;
    return { ...clean, failure: { invariant, event, detail: '', atMs: 0, lastEvent: '' } };
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

test.each<readonly [string, readonly End[], number]>([
  ['a run that passed is made once', [undefined], 1],
  ['a run that hangs is made once', [[hang, 7]], 1],
  ['a run whose process was stopped is made anew', [[stopped, 7], undefined], 2],
  [
    'a run whose process was stopped at many events is made anew each time',
    [[stopped, 7], [stopped, 2], [stopped, 9], [stopped, 7], [stopped, 2], undefined],
    6,
  ],
  [
    'a run whose process was stopped twice at one event goes on',
    [[stopped, 7], [stopped, 7], undefined],
    3,
  ],
  [
    'a run that fails when it is made anew keeps that failure',
    [
      [stopped, 7],
      ['no manager leaks', 8],
    ],
    2,
  ],
  [
    'a run that waits at the same event three times in a row ends so',
    [
      [stopped, 7],
      [stopped, 7],
      [stopped, 7],
    ],
    3,
  ],
])('%s', async (_, ends, expected) => {
  const { outcome, runs, restarts } = await outcomesOf(ends);

  expect(runs).toBe(expected);
  expect(restarts).toBe(expected - 1);
  expect(outcome.failure?.invariant).toBe(ends.at(-1)?.[0]);
});

test('a run is made anew also where no caller asks to be told', async () => {
  const clean = await runClean({});
  const failure = { invariant: stopped, detail: '', atMs: 0, event: 0, lastEvent: '' };
  let runs = 0;

  const outcome = await unlessStopped(async () => {
    runs += 1;
    return runs === 1 ? { ...clean, failure } : clean;
  });

  expect(outcome).toBe(clean);
});
