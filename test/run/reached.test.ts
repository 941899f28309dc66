/** States worth reaching: counted in the outcome, and no part of the run. */
import { expect, test } from 'vitest';
import type { Outcome } from '../../sim/run/outcome.ts';
import { simulateSystem } from '../../sim/run/simulate-system.ts';
import { plainNetwork } from './support.ts';

function runReaching(...states: readonly string[]): Promise<Outcome> {
  return simulateSystem({
    scenario: {
      format: 1,
      name: 'reaching',
      seed: 1,
      network: plainNetwork,
      actions: states.map((state, index) => ({ atMs: index, kind: 'reach', state })),
      faults: [],
      durationMs: 1_000,
      settleMs: 1_000,
      settings: null,
    },
    system: {
      setUp: (world) => void world.addHost('server', () => {}),
      perform: (world, action) => {
        world.sometimes(String((action as { readonly state?: unknown }).state));
      },
      leave: () => {},
      faults: () => ({}),
      metrics: () => ({}),
    },
    invariants: [],
  });
}

test('the outcome counts how often each state was reached', async () => {
  const { reached } = await runReaching(
    'an acquire was refused at the limit',
    'a drain ended',
    'a drain ended',
  );

  expect(reached).toEqual({ 'an acquire was refused at the limit': 1, 'a drain ended': 2 });
});

test('a run that reaches none says so, and one run leaves nothing to the next', async () => {
  await runReaching('a drain ended');

  expect((await runReaching()).reached).toEqual({});
});
