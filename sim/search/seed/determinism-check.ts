/** One seed run, or run twice and compared: the proof that a verdict can be relied on. */

import type { Lab, LabOptions } from '../../cli/lab.ts';
import type { RunPlan } from '../../cli/parse-command.ts';
import type { Difference } from '../../report/divergence.ts';
import { engineInvariants, isOfRealTime } from '../../run/invariant.ts';
import type { Outcome } from '../../run/outcome.ts';
import { makeScenario, runScenario } from './run-seed.ts';

/** What came of one seed. Plain data: it may come from another thread. */
export interface SeedResult {
  readonly outcome: Outcome;
  /** Present when the seed was run twice. */
  readonly check?: Difference | 'same';
}

export async function runSeed(
  plan: RunPlan,
  seed: number,
  lab: Lab,
  options: LabOptions = {},
): Promise<SeedResult> {
  return { outcome: await runScenario(plan, seed, makeScenario(plan, seed), lab, options) };
}

/** Runs the seed twice, and finds the first event that is not the same. The outcome is that of the first run. */
export async function runSeedTwice(
  plan: RunPlan,
  seed: number,
  lab: Lab,
  options: LabOptions = {},
): Promise<SeedResult> {
  const recording = new Recording();
  const { outcome } = await runSeed(plan, seed, lab, {
    ...options,
    onTrace: (record) => {
      options.onTrace?.(record);
      recording.record(record);
    },
    onRestart: () => {
      options.onRestart?.();
      recording.clear();
    },
  });
  if (isOfRealTime(outcome.failure?.invariant)) return { outcome };
  const { outcome: second } = await runSeed(plan, seed, lab, {
    watchdog: options.watchdog,
    onTrace: (record) => recording.compare(record),
    onRestart: () => recording.rewind(),
  });
  if (second.failure?.invariant === engineInvariants.stopped) return { outcome };
  return { outcome, check: recording.difference(outcome, second) ?? 'same' };
}

/** Characters of a trace that are kept to be compared: some thousand times an ordinary run, and no danger to memory. */
const keptMax = 64 * 1_024 * 1_024;
const shownMax = 400;

class Recording {
  #lines: string[] = [];
  #kept = 0;
  #isWhole = true;
  #compared = 0;
  #differing:
    | { readonly event: number; readonly first: string; readonly second: string }
    | undefined;

  clear(): void {
    this.#lines = [];
    this.#kept = 0;
    this.#isWhole = true;
  }

  /** Compares from the first record on again. */
  rewind(): void {
    this.#compared = 0;
    this.#differing = undefined;
  }

  record(record: object): void {
    if (!this.#isWhole) return;
    const line = JSON.stringify(record);
    this.#kept += line.length;
    this.#isWhole = this.#kept <= keptMax;
    if (this.#isWhole) this.#lines.push(line);
  }

  compare(record: object): void {
    const first = this.#lines[this.#compared];
    this.#compared += 1;
    if (this.#differing !== undefined || (first === undefined && !this.#isWhole)) return;
    const second = JSON.stringify(record);
    if (second !== first) this.#differs(first ?? 'the run was over', second);
  }

  difference(one: Outcome, two: Outcome): Difference | undefined {
    const left = this.#lines[this.#compared];
    if (this.#differing === undefined && left !== undefined) {
      this.#compared += 1;
      this.#differs(left, 'the run was over');
    }
    const digests = [one.digest, two.digest] as const;
    if (this.#differing !== undefined) return { digests, ...this.#differing };
    const field = differingField(one, two);
    return field === undefined ? undefined : { digests, ...field };
  }

  #differs(first: string, second: string): void {
    this.#differing = { event: this.#compared, first: shown(first), second: shown(second) };
  }
}

/** The first field of the outcomes that is not the same. A stack is left out: it differs with what called the run. */
function differingField(one: Outcome, two: Outcome): { first: string; second: string } | undefined {
  for (const name of Object.keys(one) as (keyof Outcome)[]) {
    const [first, second] = [one, two].map((outcome) =>
      JSON.stringify(outcome[name], withoutStack),
    );
    if (first !== second)
      return { first: shown(`${name} ${first}`), second: shown(`${name} ${second}`) };
  }
  return undefined;
}

function withoutStack(key: string, value: unknown): unknown {
  return key === 'stack' ? undefined : value;
}

function shown(text: string): string {
  return text.length <= shownMax ? text : `${text.slice(0, shownMax)} …`;
}
