/** The whole program around a system that breaks what a seed promises: for tests of what the program does then. */

import { program } from '../../sim/cli/program.ts';
import { plainShape } from '../../sim/run/scenario-shape.ts';
import type { SimulatedSystem } from '../../sim/run/simulated-system.ts';
import type { System } from '../../sim/run/system.ts';
import { defaultNetwork, type Scenario } from '../../sim/scenario/scenario.ts';

// Taken before any run replaces it: nothing seeds this one.
const chance = Math.random;

const families: Readonly<Record<string, (seed: number) => void>> = {
  calm: () => {},
  unseeded: () => void setTimeout(() => {}, 1 + Math.floor(chance() * 1e6)),
  'exits-at-7': (seed) => {
    if (seed === 7) process.exit(5);
  },
  'hoards-at-7': (seed) => {
    const hoard: number[][] = [];
    while (seed === 7) hoard.push(new Array(1e5).fill(hoard.length + 0.5));
  },
  // In a call of the system, where no watchdog of JavaScript can end it.
  'stands-still-at-7': (seed) => {
    if (seed === 7) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_000);
  },
  throws: (seed) => {
    if (seed % 2 === 1) throw new Error('odd');
  },
};

function scenarioOf(name: string, seed: number): Scenario {
  return {
    format: 1,
    name,
    seed,
    network: defaultNetwork,
    actions: [],
    faults: [],
    durationMs: 1_000,
    settleMs: 2_000_000,
    settings: null,
  };
}

function hostsOf({ name, seed }: Scenario): SimulatedSystem {
  return {
    setUp: (world) => {
      world.sometimes('it was set up');
      world.addHost('server', () => families[name]?.(seed));
    },
    perform: () => {},
    leave: () => {},
    faults: () => ({}),
    metrics: () => ({}),
  };
}

const rogue: System = {
  name: 'rogue',
  description: 'Breaks what a seed promises.',
  families: Object.keys(families).map((name) => ({
    name,
    description: name,
    make: (seed) => scenarioOf(name, seed),
  })),
  shape: { ...plainShape, check: () => {} },
  oracles: [],
  figures: { rows: [], summary: [] },
  describe: () => [],
  prepare: async (scenario) => ({ system: hostsOf(scenario), invariants: [] }),
};

const { name, description } = rogue;
await program(
  [
    {
      name,
      command: name,
      description,
      defaultScenario: 'calm',
      options: [],
      open: () => rogue,
    },
  ],
  import.meta.url,
);
