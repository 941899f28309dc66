/** One seed that gave two runs, as data and as the block of text that says so. */
import { replayCommand } from '../cli/commands.ts';

/** What a run that is made a second time is held against. */
export interface Difference {
  /** Of the first and of the second run. */
  readonly digests: readonly [first: string, second: string];
  /** Ordinal of the first event that differs; absent when all events that were kept are equal. */
  readonly event?: number;
  /** What differs first, in either run: a record of the trace, or a field of the outcome. */
  readonly first: string;
  readonly second: string;
}

export interface Divergence extends Difference {
  readonly seed: number;
  readonly scenario: string;
  readonly replay: string;
}

export function divergenceOf(
  run: {
    readonly seed: number;
    readonly scenario: string;
    readonly bug?: string | undefined;
    /** The command that brings it back, where it is not the one of a seed. */
    readonly replay?: string | undefined;
  },
  difference: Difference,
): Divergence {
  const { seed, scenario, bug } = run;
  const name = { seed, scenario, ...(bug === undefined ? {} : { bug }) };
  const replay = `${run.replay ?? replayCommand(name)} --check-determinism`;
  return { seed, scenario, ...difference, replay };
}

/** In the order of a failure: what broke, where, how to see it again. */
export function divergenceText(divergence: Divergence): string[] {
  const { seed, scenario, digests, event, first, second, replay } = divergence;
  const where = event === undefined ? '' : ` event=${event}`;
  return [
    `DIVERGED seed=${seed} scenario=${scenario}${where}`,
    '  claim:      one seed gives one run',
    `  first run:  ${first}`,
    `  second run: ${second}`,
    `  digests:    ${digests[0]}`,
    `              ${digests[1]}`,
    `  replay:     ${replay}`,
  ];
}
