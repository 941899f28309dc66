/**
 * A run that real time ended because its process was stopped (a signal, a frozen container, a debugger) says nothing of
 * its seed: it is made anew, once. One that waits for what never comes ends so again, and that is its outcome.
 */
import { engineInvariants } from './invariant.ts';
import type { Outcome } from './outcome.ts';

/** @param restart Called before `run` is called again: what was heard of the first time is void. */
export async function unlessStopped(
  run: () => Promise<Outcome>,
  restart?: () => void,
): Promise<Outcome> {
  const outcome = await run();
  if (outcome.failure?.invariant !== engineInvariants.stopped) return outcome;
  restart?.();
  return run();
}
