/** What many runs come to. Outcomes are added in seed order and dropped: memory does not grow with the number of runs. */

import { createHash } from 'node:crypto';
import type { InvariantCount, Outcome, Verdict } from '../engine/outcome.ts';
import { type FailedRun, failedRun } from './failure.ts';
import { addMetrics } from './figures.ts';

/** Failures that are kept whole. Those beyond are only counted, so that a broken build cannot fill the memory. */
export const failuresKeptMax = 1_000;

export interface CampaignTotals {
  readonly seed: number;
  readonly scenario: string;
  readonly bug?: string;
  readonly runsAsked: number;
  readonly runs: number;
  readonly passed: number;
  readonly failed: number;
  readonly verdict: Verdict;
  /** SHA-256 over the digests of the runs, as text, joined in seed order. */
  readonly digest: string;
  readonly virtualMs: number;
  readonly events: number;
  readonly connections: number;
  readonly wireBytes: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  readonly medians: {
    readonly connections: number;
    readonly events: number;
    readonly faultClasses: number;
  };
  readonly invariants: readonly InvariantCount[];
  /** In seed order, at most `failuresKeptMax`. */
  readonly failures: readonly FailedRun[];
}

/** Adds up the runs of `runsAsked` seeds from `seed` on. The caller adds them in seed order. */
export class Campaign {
  readonly #name: { seed: number; scenario: string; bug?: string; runsAsked: number };
  readonly #digest = createHash('sha256');
  readonly #connections = new Spread();
  readonly #events = new Spread();
  readonly #faultClasses = new Spread();
  readonly #metrics: Record<string, number> = {};
  readonly #faults: Record<string, number> = {};
  readonly #invariants = new Map<string, { checks: number; failures: number }>();
  readonly #failures: FailedRun[] = [];
  #runs = 0;
  #failed = 0;
  #virtualMs = 0;
  #wireBytes = 0;

  constructor(name: {
    readonly seed: number;
    readonly scenario: string;
    readonly bug?: string;
    readonly runsAsked: number;
  }) {
    this.#name = name;
  }

  get runs(): number {
    return this.#runs;
  }

  get failed(): number {
    return this.#failed;
  }

  add(outcome: Outcome): void {
    this.#runs += 1;
    this.#digest.update(outcome.digest);
    this.#virtualMs += outcome.virtualMs;
    this.#wireBytes += outcome.wireBytes;
    this.#connections.add(outcome.connections);
    this.#events.add(outcome.events);
    this.#faultClasses.add(Object.values(outcome.faults).filter((count) => count > 0).length);
    addMetrics(this.#metrics, outcome.metrics);
    for (const [kind, count] of Object.entries(outcome.faults)) {
      this.#faults[kind] = (this.#faults[kind] ?? 0) + count;
    }
    for (const { name, checks, failures } of outcome.invariants) {
      const before = this.#invariants.get(name) ?? { checks: 0, failures: 0 };
      this.#invariants.set(name, {
        checks: before.checks + checks,
        failures: before.failures + failures,
      });
    }
    const failure = failedRun(outcome, this.#name.bug);
    if (failure === undefined) return;
    this.#failed += 1;
    if (this.#failures.length < failuresKeptMax) this.#failures.push(failure);
  }

  totals(): CampaignTotals {
    return {
      ...this.#name,
      runs: this.#runs,
      passed: this.#runs - this.#failed,
      failed: this.#failed,
      verdict: this.#failures[0]?.verdict ?? 'passed',
      // A copy, because the totals so far are asked for while more is to come.
      digest: this.#digest.copy().digest('hex'),
      virtualMs: this.#virtualMs,
      events: this.#events.sum,
      connections: this.#connections.sum,
      wireBytes: this.#wireBytes,
      metrics: { ...this.#metrics },
      faults: { ...this.#faults },
      medians: {
        connections: this.#connections.median(),
        events: this.#events.median(),
        faultClasses: this.#faultClasses.median(),
      },
      invariants: [...this.#invariants].map(([name, counts]) => ({ name, ...counts })),
      failures: [...this.#failures],
    };
  }
}

/** How often each whole number was seen. As large as the numbers differ, not as many as there are. */
class Spread {
  readonly #seen = new Map<number, number>();
  #count = 0;
  sum = 0;

  add(value: number): void {
    this.#seen.set(value, (this.#seen.get(value) ?? 0) + 1);
    this.#count += 1;
    this.sum += value;
  }

  /** The middle value; between two middle ones, their mean; of nothing, 0. */
  median(): number {
    if (this.#count === 0) return 0;
    const sorted = [...this.#seen].sort(([a], [b]) => a - b);
    return (at(sorted, (this.#count - 1) >> 1) + at(sorted, this.#count >> 1)) / 2;
  }
}

function at(sorted: readonly (readonly [value: number, count: number])[], index: number): number {
  let before = 0;
  for (const [value, count] of sorted) {
    before += count;
    if (index < before) return value;
  }
  throw new RangeError(`index must be below ${before}, got ${index}`);
}
