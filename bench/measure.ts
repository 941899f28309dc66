/**
 * What a benchmark says: pairs of figures with their ratio and the verdict on it. Owns the statistics; how a figure is
 * come by is each benchmark's business.
 */
import type { Laboratory } from './processes.ts';

export interface Bench {
  readonly name: string;
  /** Whether it runs only when it is asked for: it would take longer than all the others together. */
  readonly onlyOnRequest?: true;
  run(laboratory: Laboratory): Promise<readonly Figure[]>;
}

/** What ours may be of the baseline. */
export interface Target {
  readonly kind: 'at most' | 'at least';
  readonly ratio: number;
}

export interface Figure {
  /** What was measured, with the unit. */
  readonly name: string;
  readonly baseline?: number;
  readonly ours: number;
  /** Ours as a multiple of the baseline: the median over the rounds, each of which has both. */
  readonly ratio?: number;
  /** The lowest and the highest ratio of a round. */
  readonly spread?: readonly [number, number];
  /** In words. Without one the figure is for information. */
  readonly target?: string;
  readonly verdict?: 'met' | 'missed';
}

/** One round: both sides, measured one right after the other. */
export interface Pair {
  readonly baseline: number;
  readonly ours: number;
}

export function compare(name: string, rounds: readonly Pair[], target?: Target): Figure {
  const ratios = rounds.map(({ baseline, ours }) => ours / baseline);
  const ratio = median(ratios);
  const figure: Figure = {
    name,
    baseline: median(rounds.map(({ baseline }) => baseline)),
    ours: median(rounds.map(({ ours }) => ours)),
    ratio,
    spread: [Math.min(...ratios), Math.max(...ratios)],
  };
  if (target === undefined) return figure;
  const met = target.kind === 'at most' ? ratio <= target.ratio : ratio >= target.ratio;
  return {
    ...figure,
    target: `${target.kind} ${formatRatio(target.ratio)}`,
    verdict: met ? 'met' : 'missed',
  };
}

/** `1.07`, or `1/3` and `1/1,234` where a fraction says more. */
export function formatRatio(ratio: number): string {
  if (ratio >= 0.5 || ratio <= 0) return ratio.toFixed(2);
  const parts = 1 / ratio;
  const rounded = parts < 10 ? Number(parts.toFixed(1)) : Math.round(parts);
  return `1/${rounded.toLocaleString('en')}`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new Error('a median needs at least one value, got none');
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

export interface Line {
  readonly slope: number;
  /** Half of the 95 % interval of the slope. */
  readonly uncertainty: number;
}

/** Least squares. */
export function regression(points: readonly (readonly [number, number])[]): Line {
  const count = points.length;
  if (count < 3) throw new Error(`a regression line needs at least 3 points, got ${count}`);
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / count;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / count;
  let squares = 0;
  let products = 0;
  for (const [x, y] of points) {
    squares += (x - meanX) ** 2;
    products += (x - meanX) * (y - meanY);
  }
  const slope = products / squares;
  const rest = points.reduce((sum, [x, y]) => sum + (y - meanY - slope * (x - meanX)) ** 2, 0);
  return { slope, uncertainty: 1.96 * Math.sqrt(rest / (count - 2) / squares) };
}
