/**
 * The totals of many runs. Outcomes are added in seed order and not kept, so memory does not grow with the number of
 * runs.
 */

import type { InvariantCount, Outcome, Verdict } from '../../run/outcome.ts';
import type { Divergence } from '../seed/determinism-check.ts';
import { type FailedRun, failedRun } from '../seed/failed-run.ts';
import type { Difference } from '../seed/recording-comparison.ts';
import { addMetrics } from './add-metrics.ts';
import { DigestSum } from './digest-sum.ts';
import { SometimesCounts, type SometimesState } from './sometimes-counts.ts';
import { Spread } from './spread.ts';

/** Failures that are kept completely. Further ones are only counted, so that a broken build cannot fill the memory. */
export const failuresKeptMax = 1_000;

/** Diverged seeds that are kept completely. */
const divergencesKeptMax = 100;

/** What the runs of a campaign have in common. */
export interface CampaignName {
  readonly seed: number;
  readonly scenario: string;
  readonly bug?: string;
  /** `i/n` when this is a part of a campaign. */
  readonly shard?: string;
}

export interface CampaignTotals extends CampaignName {
  readonly runs: number;
  /** The seed of the last run; absent when none was made. */
  readonly lastSeed?: number;
  readonly passed: number;
  readonly failed: number;
  readonly verdict: Verdict;
  /** Over the seeds and digests of all runs: see `DigestSum`. */
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
  readonly reached: readonly SometimesState[];
  /** In seed order, at most `failuresKeptMax`. */
  readonly failures: readonly FailedRun[];
  /** Seeds that were checked for determinism, and those of them whose two runs differed. */
  readonly determinism: {
    readonly checked: number;
    readonly diverged: number;
    readonly divergences: readonly Divergence[];
  };
}

/** The state of a campaign as JSON, with which another process can continue it. */
export interface CampaignState {
  readonly totals: Omit<CampaignTotals, keyof CampaignName | 'medians' | 'verdict' | 'passed'>;
  readonly spreads: {
    readonly connections: ReturnType<Spread['entries']>;
    readonly events: ReturnType<Spread['entries']>;
    readonly faultClasses: ReturnType<Spread['entries']>;
  };
}

/** Adds up runs. The caller must add them in seed order. */
export class Campaign {
  readonly #name: CampaignName;
  readonly #digest: DigestSum;
  readonly #connections: Spread;
  readonly #events: Spread;
  readonly #faultClasses: Spread;
  readonly #sometimes: SometimesCounts;
  readonly #metrics: Record<string, number>;
  readonly #faults: Record<string, number>;
  readonly #invariants: Map<string, { checks: number; failures: number }>;
  readonly #failures: FailedRun[];
  readonly #divergences: Divergence[];
  #lastSeed: number | undefined;
  #runs: number;
  #failed: number;
  #virtualMs: number;
  #wireBytes: number;
  #checked: number;
  #diverged: number;

  /** `sometimes` are the states that its runs must reach; `state` is the state of an earlier campaign to continue. */
  constructor(name: CampaignName, sometimes: readonly string[] = [], state?: CampaignState) {
    const totals = state?.totals;
    this.#name = name;
    this.#digest = new DigestSum(totals?.digest);
    this.#connections = new Spread(state?.spreads.connections);
    this.#events = new Spread(state?.spreads.events);
    this.#faultClasses = new Spread(state?.spreads.faultClasses);
    this.#sometimes = new SometimesCounts(sometimes, totals?.reached);
    this.#metrics = { ...totals?.metrics };
    this.#faults = { ...totals?.faults };
    this.#invariants = new Map(
      totals?.invariants.map(({ name: invariant, ...counts }) => [invariant, counts]),
    );
    this.#failures = [...(totals?.failures ?? [])];
    this.#divergences = [...(totals?.determinism.divergences ?? [])];
    this.#lastSeed = totals?.lastSeed;
    this.#runs = totals?.runs ?? 0;
    this.#failed = totals?.failed ?? 0;
    this.#virtualMs = totals?.virtualMs ?? 0;
    this.#wireBytes = totals?.wireBytes ?? 0;
    this.#checked = totals?.determinism.checked ?? 0;
    this.#diverged = totals?.determinism.diverged ?? 0;
  }

  get runs(): number {
    return this.#runs;
  }

  get failed(): number {
    return this.#failed;
  }

  get virtualMs(): number {
    return this.#virtualMs;
  }

  /** `check` is given when the seed was checked for determinism: the difference, or `'same'`. */
  add(outcome: Outcome, check?: Difference | 'same'): void {
    this.#runs += 1;
    this.#lastSeed = outcome.seed;
    this.#digest.add(outcome.seed, outcome.digest);
    this.#virtualMs += outcome.virtualMs;
    this.#wireBytes += outcome.wireBytes;
    this.#connections.add(outcome.connections);
    this.#events.add(outcome.events);
    this.#faultClasses.add(Object.values(outcome.faults).filter((count) => count > 0).length);
    this.#sometimes.add(outcome.reached);
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
    this.#addFailure(outcome);
    this.#addCheck(outcome, check);
  }

  #addFailure(outcome: Outcome): void {
    const failure = failedRun(outcome);
    if (failure === undefined) return;
    this.#failed += 1;
    if (this.#failures.length < failuresKeptMax) this.#failures.push(failure);
  }

  #addCheck({ seed }: Outcome, check: Difference | 'same' | undefined): void {
    if (check === undefined) return;
    this.#checked += 1;
    if (check === 'same') return;
    this.#diverged += 1;
    if (this.#divergences.length >= divergencesKeptMax) return;
    this.#divergences.push({ seed, scenario: this.#name.scenario, ...check });
  }

  totals(): CampaignTotals {
    return {
      ...this.#name,
      ...this.state().totals,
      passed: this.#runs - this.#failed,
      verdict: this.#failures[0]?.verdict ?? 'passed',
      medians: {
        connections: this.#connections.median(),
        events: this.#events.median(),
        faultClasses: this.#faultClasses.median(),
      },
    };
  }

  state(): CampaignState {
    return {
      totals: {
        runs: this.#runs,
        ...(this.#lastSeed === undefined ? {} : { lastSeed: this.#lastSeed }),
        failed: this.#failed,
        digest: this.#digest.hex(),
        virtualMs: this.#virtualMs,
        events: this.#events.sum,
        connections: this.#connections.sum,
        wireBytes: this.#wireBytes,
        metrics: { ...this.#metrics },
        faults: { ...this.#faults },
        invariants: [...this.#invariants].map(([name, counts]) => ({ name, ...counts })),
        reached: this.#sometimes.states(),
        failures: [...this.#failures],
        determinism: {
          checked: this.#checked,
          diverged: this.#diverged,
          divergences: [...this.#divergences],
        },
      },
      spreads: {
        connections: this.#connections.entries(),
        events: this.#events.entries(),
        faultClasses: this.#faultClasses.entries(),
      },
    };
  }
}
