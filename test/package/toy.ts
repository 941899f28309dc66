/**
 * A system of another repository: it counts its actions, and with its seeded bug it counts one of them twice. Imports
 * nothing but types, so that a copy of it works anywhere.
 */
import type { Scenario, SimulatedSystem, System } from '../../sim/index.ts';

class Counter implements SimulatedSystem {
  readonly #bug: string | null;
  actions = 0;
  counted = 0;

  constructor({ settings }: Scenario) {
    this.#bug = (settings as { readonly bug: string | null }).bug;
  }

  setUp(world: Parameters<SimulatedSystem['setUp']>[0]): void {
    world.addHost('server', () => {});
  }

  perform(): void {
    this.actions += 1;
    this.counted += this.#bug === 'double' && this.actions === 1 ? 2 : 1;
  }

  leave(): void {}

  faults() {
    return {};
  }

  metrics() {
    return { counted: this.counted };
  }
}

const oracle = {
  name: 'every action is counted once',
  guarantee: 'T1',
  description: 'The count is the number of actions.',
};

export const toy: System = {
  name: 'toy',
  description: 'Counts actions.',
  module: { specifier: './toy.ts', name: 'toy' },
  families: [
    {
      name: 'ticks',
      description: 'three ticks',
      make: (seed, { bug = null }: { readonly bug?: string | null } = {}) => ({
        format: 1,
        name: 'ticks',
        seed,
        network: {
          latencyMs: { min: 1, max: 10 },
          segmentBytes: { min: 1_460, max: 1_460 },
          sendBufferBytes: 65_536,
          receiveBufferBytes: 65_536,
          connectTimeoutMs: 127_000,
          retransmitTimeoutMs: 924_600,
        },
        actions: [10, 20, 30].map((atMs) => ({ atMs, kind: 'tick' })),
        faults: [],
        durationMs: 100,
        settleMs: 100,
        settings: { bug },
      }),
    },
  ],
  shape: {
    ownersLabel: 'clients',
    check: ({ actions }) => {
      if (actions.some(({ kind }) => kind !== 'tick')) throw new Error('an action must be a tick');
    },
    bugOf: ({ settings }) => (settings as { readonly bug: string | null }).bug,
    withBug: (scenario, bug) => ({ ...scenario, settings: { bug } }),
    isExpectation: () => false,
    ownersOf: () => [],
    simplerActions: () => [],
    tighterSettings: () => [],
    simplerSettings: () => [],
  },
  oracles: [oracle],
  figures: { rows: [], summary: [] },
  bugs: [
    {
      name: 'double',
      description: 'the first action is counted twice',
      guarantees: ['T1'],
      caughtBy: oracle.name,
    },
  ],
  describe: () => [['ticks', '3']],
  prepare: async (scenario) => ({
    system: new Counter(scenario),
    invariants: [
      {
        ...oracle,
        when: 'always',
        check: (system) => {
          const { actions, counted } = system as Counter;
          return actions === counted ? undefined : `${actions} actions, counted ${counted}`;
        },
      },
    ],
  }),
};
