/**
 * Whether a simulated day leaves anything behind: the heap after garbage collection at each virtual hour of an office's
 * day. The same day without anybody in it is measured beside it, since the plan of a day shrinks as the day goes by.
 */
import { performance } from 'node:perf_hooks';
import { RandomSource } from '../sim/engine/random.ts';
import { simulateSystem } from '../sim/engine/simulate.ts';
import { registryInvariants } from '../sim/registry/invariants/index.ts';
import { shippedLibrary } from '../sim/registry/library.ts';
import type { RegistryScenario } from '../sim/registry/scenario.ts';
import { RegistrySystem } from '../sim/registry/system.ts';
import { dayOf } from '../sim/registry/workload/day.ts';
import type { Bench } from './measure.ts';

const HOUR_MS = 3_600_000;
/** Share of the heap by which it may rise from morning to night, the 95 % interval included. */
const RISE_MAX = 0.02;

interface Sample {
  readonly hour: number;
  /** Bytes more than on the day without anybody. */
  readonly heap: number;
  readonly connections: number;
}

interface DayReport {
  readonly samples: readonly Sample[];
  readonly emptyHeap: number;
  readonly events: number;
  readonly realMs: number;
}

export type DayCalls = ReturnType<(typeof roles)['office']>;

export const roles = {
  office: () => ({
    async live({ users, seed }: { readonly users: number; readonly seed: number }) {
      const scenario = makeDay(users, seed);
      // What is compiled and made once for all is there before anything is measured.
      await measure(makeDay(3, seed));
      const empty = await measure(withoutAnybody(scenario));
      const full = await measure(scenario);
      return {
        samples: full.samples.map(({ hour, heap, connections }, index) => ({
          hour,
          heap: heap - (empty.samples[index]?.heap ?? 0),
          connections,
        })),
        emptyHeap: empty.samples[0]?.heap ?? 0,
        events: full.events,
        realMs: full.realMs,
      } satisfies DayReport;
    },
  }),
};

function makeDay(users: number, seed: number): RegistryScenario {
  return dayOf(seed, new RandomSource(seed).for('family', 'day'), undefined, users);
}

/** As many actions and faults at the same times, none of which does anything. */
function withoutAnybody(scenario: RegistryScenario): RegistryScenario {
  const nothing = { kind: 'expect', figure: 'managers', user: null, least: 0, most: 0 } as const;
  return {
    ...scenario,
    actions: scenario.actions.map(({ atMs }) => ({ ...nothing, atMs })),
    faults: scenario.faults.map(({ atMs }) => ({
      kind: 'clock-jump',
      atMs,
      host: 'server',
      byMs: 0,
    })),
  };
}

async function measure(scenario: RegistryScenario) {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('needs node --expose-gc');
  const system = new RegistrySystem(scenario, shippedLibrary);
  const samples: Sample[] = [];
  let hour = 1;
  const startedMs = performance.now();
  const outcome = await simulateSystem(
    { scenario, system, invariants: registryInvariants },
    {
      onTrace({ atMs }) {
        if (atMs < hour * HOUR_MS || hour > 24) return;
        gc();
        const connections = system.servers[0]?.chat?.registry.stats().connections ?? 0;
        samples.push({ hour, heap: process.memoryUsage().heapUsed, connections });
        hour = Math.floor(atMs / HOUR_MS) + 1;
      },
    },
  );
  if (outcome.failure !== undefined) throw new Error(outcome.failure.detail);
  return { samples, events: outcome.events, realMs: performance.now() - startedMs };
}

export const day: Bench = {
  name: 'day',
  onlyOnRequest: true,
  run: async (laboratory) => {
    const users = laboratory.quick ? 10 : 100;
    laboratory.progress(`day: an office of ${users}`);
    await using office = await laboratory.start<DayCalls>('day', 'office', ['--expose-gc']);
    const { samples, emptyHeap, events, realMs } = await office.call('live', { users, seed: 1 });
    const { slope, uncertainty, bytesPerConnection } = trend(samples);
    const slopeMax = (RISE_MAX * emptyHeap) / 24;
    const isFlat = slope + uncertainty < slopeMax;
    const speed = (24 * HOUR_MS) / realMs;
    laboratory.note(
      `day: ${users} users, ${events} events in ${(realMs / 1_000).toFixed(1)} s with the collections, ` +
        `${Math.round(speed)} times real time; ${isFlat ? 'flat' : 'not flat'}: ` +
        `${Math.round(slope)} ± ${Math.round(uncertainty)} bytes an hour (95 %), ` +
        `${Math.round(bytesPerConnection)} a connection, both ends of it`,
    );
    return [
      {
        name: 'heap that an hour of an office leaves behind, bytes',
        ours: slope,
        target: `less than ${Math.round(slopeMax)}`,
        verdict: isFlat ? 'met' : 'missed',
      },
    ];
  },
};

/** Least squares of the heap over the hour and the connections that are open then. */
function trend(samples: readonly Sample[]) {
  const count = samples.length;
  if (count < 4) throw new Error(`a trend of two causes needs at least 4 samples, got ${count}`);
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / count;
  const [hours, connections, heap] = [
    mean((sample) => sample.hour),
    mean((sample) => sample.connections),
    mean((sample) => sample.heap),
  ];
  const rows = samples.map((sample) => ({
    x: sample.hour - hours,
    z: sample.connections - connections,
    y: sample.heap - heap,
  }));
  const sum = (of: (row: (typeof rows)[number]) => number) =>
    rows.reduce((total, row) => total + of(row), 0);
  const [xx, zz, xz] = [sum(({ x }) => x * x), sum(({ z }) => z * z), sum(({ x, z }) => x * z)];
  const [xy, zy] = [sum(({ x, y }) => x * y), sum(({ z, y }) => z * y)];
  const determinant = xx * zz - xz * xz;
  const slope = (xy * zz - zy * xz) / determinant;
  const bytesPerConnection = (zy * xx - xy * xz) / determinant;
  const rest = sum(({ x, y, z }) => (y - slope * x - bytesPerConnection * z) ** 2);
  const uncertainty = 1.96 * Math.sqrt(((rest / (count - 3)) * zz) / determinant);
  return { slope, uncertainty, bytesPerConnection };
}
