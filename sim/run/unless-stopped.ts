/**
 * Makes a run anew as often as real time ended it because its process was stopped (a signal, a frozen container, a
 * debugger, a machine that is busy with other work): that says nothing of its seed. Does not retry any other failure.
 */
import { engineInvariants } from './invariant.ts';
import type { Outcome } from './outcome.ts';

/** A process is stopped at any event; one that waits for what never comes is ended at the same event each time. */
const endsAtOneEventMax = 3;

/** @param restart Called before `run` is called again: what was heard of the time before is void. */
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
