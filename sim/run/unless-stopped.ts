/**
 * Repeats a run whenever real time ended it because its process was stopped (a signal, a frozen container, a debugger,
 * a busy machine): such a failure is independent of the seed. It retries no other failure.
 */
import { engineInvariants } from './invariant.ts';
import type { Outcome } from './outcome.ts';

/** A stopped process fails at a random event. A run that hangs fails at the same event each time. */
const endsAtOneEventMax = 3;

/** @param restart Called before `run` is called again: all output of the previous attempt must be discarded. */
export async function unlessStopped(
  run: () => Promise<Outcome>,
  restart?: () => void,
): Promise<Outcome> {
  let event: number | undefined;
  let endsAtEvent = 0;
  for (;;) {
    const outcome = await run();
    if (outcome.failure?.invariant !== engineInvariants.stopped) return outcome;
    endsAtEvent = outcome.failure.event === event ? endsAtEvent + 1 : 1;
    event = outcome.failure.event;
    if (endsAtEvent === endsAtOneEventMax) return outcome;
    restart?.();
  }
}
