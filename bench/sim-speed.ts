/**
 * Runs per second of the simulator, beside two simulations that are as simple as can be on the same work: the coarse one
 * says what `ws` itself costs, the faithful one what it costs when every segment is an event of its own.
 */
import { FRAMES } from './chatter.ts';
import { type Bench, compare, median, type Pair } from './measure.ts';
import type { Laboratory } from './processes.ts';

interface Timing {
  readonly durationMs: number;
}

function running(run: (seed: number) => Promise<number>) {
  let seed = 0;
  return {
    perSecond: async ({ durationMs }: Timing) => {
      let runs = 0;
      const startedMs = performance.now();
      const endMs = startedMs + durationMs;
      while (performance.now() < endMs) {
        seed += 1;
        const frames = await run(seed);
        if (frames !== FRAMES) throw new Error(`${frames} frames instead of ${FRAMES}`);
        runs += 1;
      }
      return (1_000 * runs) / (performance.now() - startedMs);
    },
  };
}

export const roles = {
  coarse: async () => {
    const { yardstick } = await import('./yardstick.ts');
    return running(() => yardstick('coarse'));
  },
  faithful: async () => {
    const { yardstick } = await import('./yardstick.ts');
    return running(() => yardstick('faithful'));
  },
  simulated: async () => {
    const { simulatedChatter } = await import('./simulated-chatter.ts');
    return running(simulatedChatter);
  },
};

export const simSpeed: Bench = {
  name: 'sim',
  run: async (laboratory) => {
    const rounds = laboratory.quick ? 3 : 9;
    await using coarse = await start(laboratory, 'coarse');
    await using faithful = await start(laboratory, 'faithful');
    await using simulated = await start(laboratory, 'simulated');
    // Until everything is compiled.
    for (const side of [coarse, faithful, simulated]) {
      await side.call('perSecond', { durationMs: laboratory.quick ? 2_000 : 8_000 });
    }
    const besideCoarse: Pair[] = [];
    const besideFaithful: Pair[] = [];
    const durationMs = laboratory.quick ? 500 : 1_000;
    for (let round = 1; round <= rounds; round += 1) {
      laboratory.progress(`sim: round ${round} of ${rounds}`);
      const first = await coarse.call('perSecond', { durationMs });
      const ours = await simulated.call('perSecond', { durationMs });
      const second = await faithful.call('perSecond', { durationMs });
      besideCoarse.push({ baseline: first, ours });
      besideFaithful.push({ baseline: second, ours });
    }
    const perSecond = median(besideCoarse.map(({ ours }) => ours));
    laboratory.note(
      `sim: ${FRAMES} frames and a virtual minute a run, ${Math.round(60 * perSecond)} times real time`,
    );
    return [
      compare('simulated runs per second, beside ticks of 100 ms', besideCoarse, {
        kind: 'at least',
        ratio: 0.6,
      }),
      compare('simulated runs per second, beside a drain a segment', besideFaithful, {
        kind: 'at least',
        ratio: 1,
      }),
    ];
  },
};

function start(laboratory: Laboratory, role: keyof typeof roles) {
  return laboratory.start<Awaited<ReturnType<(typeof roles)['simulated']>>>('sim-speed', role);
}
