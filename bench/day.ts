/**
 * Whether a simulated day leaves anything behind: the heap after garbage collection at each virtual hour of an office,
 * over four days of the same plan. On the first every tab comes for the first time, and until the third code is compiled
 * that had to run often enough; each hour of the fourth is compared with the same hour of the third. The same days without
 * clients are measured beside them, since a plan shrinks as time goes by.
 */
import { performance } from 'node:perf_hooks';
import { RandomSource } from '../sim/engine/random.ts';
import { simulateSystem } from '../sim/run/simulate-system.ts';
import { registryInvariants } from '../sim/systems/registry/invariants/index.ts';
import { shippedLibrary } from '../sim/systems/registry/library.ts';
import type { RegistryScenario } from '../sim/systems/registry/scenario.ts';
import { SimulatedRegistry } from '../sim/systems/registry/simulated-registry.ts';
import { dayOf } from '../sim/systems/registry/workload/day.ts';
import type { Bench } from './measure.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAYS = 4;
/** Share of the heap by which it may rise within a day, the 95 % interval included. */
const RISE_MAX = 0.02;

interface Sample {
  readonly hour: number;
  /** Bytes more than on the day without clients. */
  readonly heap: number;
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
      const scenario = manyDays(users, seed);
      const empty = await measure(withoutAnybody(scenario));
      const full = await measure(scenario);
      return {
        samples: full.samples.map(({ hour, heap }) => ({
          hour,
          heap: heap - heapAt(empty.samples, hour),
        })),
        emptyHeap: empty.samples[0]?.heap ?? 0,
        events: full.events,
        realMs: full.realMs,
      } satisfies DayReport;
    },
  }),
};

/** At that hour, or at the last one before in which something happened. */
function heapAt(samples: readonly Sample[], hour: number): number {
  const sample = samples.findLast((candidate) => candidate.hour <= hour) ?? samples[0];
  if (sample === undefined) throw new Error('nothing happened on the days without clients');
  return sample.heap;
}

/** The same people do the same on each. What is expected of a single day is left out. */
function manyDays(users: number, seed: number): RegistryScenario {
  const one = dayOf(seed, new RandomSource(seed).for('family', 'day'), undefined, users);
  const actions = one.actions.filter(({ kind }) => kind !== 'expect');
  const repeat = <T extends { readonly atMs: number }>(entries: readonly T[]): T[] =>
    Array.from({ length: DAYS }).flatMap((_, day) =>
      entries.map((entry) => ({ ...entry, atMs: entry.atMs + day * DAY_MS })),
    );
  return {
    ...one,
    durationMs: DAYS * DAY_MS,
    actions: repeat(actions),
    faults: repeat(one.faults),
  };
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
  const system = new SimulatedRegistry(scenario, shippedLibrary);
  const samples: Sample[] = [];
  let hour = 1;
  const startedMs = performance.now();
  const outcome = await simulateSystem(
    { scenario, system, invariants: registryInvariants },
    {
      onTrace({ atMs }) {
        if (atMs < hour * HOUR_MS || hour > 24 * DAYS) return;
        gc();
        const now = Math.floor(atMs / HOUR_MS);
        samples.push({ hour: now, heap: process.memoryUsage().heapUsed });
        hour = now + 1;
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
    const rises = risesOf(samples);
    const { mean, uncertainty } = meanOf(rises);
    const riseMax = RISE_MAX * emptyHeap;
    const isFlat = mean + uncertainty < riseMax;
    const speed = (DAYS * DAY_MS) / realMs;
    laboratory.note(
      `day: ${users} users, ${DAYS} days, ${events} events in ${(realMs / 1_000).toFixed(1)} s with the collections, ` +
        `${Math.round(speed)} times real time; ${isFlat ? 'flat' : 'not flat'}: ${Math.round(mean)} ± ` +
        `${Math.round(uncertainty)} bytes from the last day but one to the last (95 %, ${rises.length} hours)`,
    );
    return [
      {
        name: 'heap that a day of an office leaves behind, bytes',
        ours: mean,
        target: `less than ${Math.round(riseMax)}`,
        verdict: isFlat ? 'met' : 'missed',
      },
    ];
  },
};

/** Of each hour of the last day, by how much it holds more than the same hour of the day before. */
function risesOf(samples: readonly Sample[]): number[] {
  const heapOf = new Map(samples.map(({ hour, heap }) => [hour, heap]));
  return samples.flatMap(({ hour, heap }) => {
    const before = hour >= 24 * (DAYS - 1) ? heapOf.get(hour - 24) : undefined;
    return before === undefined ? [] : [heap - before];
  });
}

function meanOf(numbers: readonly number[]) {
  const count = numbers.length;
  if (count < 3) throw new Error(`a mean with an interval needs at least 3 samples, got ${count}`);
  const mean = numbers.reduce((sum, number) => sum + number, 0) / count;
  const squares = numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0);
  return { mean, uncertainty: 1.96 * Math.sqrt(squares / (count - 1) / count) };
}
