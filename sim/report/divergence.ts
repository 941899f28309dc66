/** The block of text about one seed that gave two runs. */
import type { Divergence } from '../search/seed/determinism-check.ts';

/** A divergence with the command that shows it again. */
export type ReplayableDivergence = Divergence & { readonly replay: string };

/** In the order of a failure: what broke, where, how to see it again. */
export function divergenceText(divergence: ReplayableDivergence): string[] {
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
