/** The scenario `day`, with few people: 24 virtual hours in a few seconds. */
import { expect, test } from 'vitest';
import { RandomSource } from '../../sim/engine/random.ts';
import { scenarios, simulate } from '../../sim/systems/registry/index.ts';
import { dayOf } from '../../sim/systems/registry/workload/day.ts';

const hourMs = 3_600_000;
const smallDay = (seed: number) =>
  dayOf(seed, new RandomSource(seed).for('family', 'day'), undefined, 4);

test('a day of a small office passes, and one seed gives one outcome', async () => {
  const first = await simulate(smallDay(1));
  const second = await simulate(smallDay(1));

  expect(first.failure).toBeUndefined();
  expect(first.virtualMs).toBeGreaterThan(24 * hourMs);
  expect(first.faults).toMatchObject({ terminate: 2 });
  for (const fault of ['kill', 'half-open', 'client-moved'])
    expect(first.faults[fault], fault).toBeGreaterThan(0);
  expect(second).toEqual(first);
}, 60_000);

test('a client that stays over night and is not counted breaks an expectation', async () => {
  const scenario = smallDay(1);
  const stranger = { clientId: 'x', threadId: null, connectionId: null, retry: true } as const;
  const actions = [
    ...scenario.actions,
    { kind: 'connect', atMs: 22 * hourMs, tab: 'stranger.1', ...stranger } as const,
  ];

  const outcome = await simulate({ ...scenario, actions });

  expect(outcome.failure?.detail).toBe('managers should be 0, is 1');
}, 60_000);

test('a whole day has 50 to 200 people, two deploys and a crash', () => {
  const day = scenarios.find(({ name }) => name === 'day')?.make(3);
  const users = new Set(
    day?.actions.flatMap((action) => ('tab' in action ? [String(action.tab).split('.')[0]] : [])),
  );

  expect(users.size).toBeGreaterThanOrEqual(50);
  expect(users.size).toBeLessThanOrEqual(200);
  expect(day?.durationMs).toBe(24 * hourMs);
  expect(day?.actions.filter(({ kind }) => kind === 'terminate')).toHaveLength(2);
  expect(day?.faults.filter(({ host, kind }) => host === 'server' && kind === 'kill')).toHaveLength(
    1,
  );
});
