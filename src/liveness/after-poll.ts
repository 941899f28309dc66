/**
 * When silence may be judged: not before the event loop has read what had arrived by now. Owns the order of
 * the loop's phases, and nothing else.
 */

/** A timer that fires later than this was held up, and what a peer sent may wait to be read. */
export const LATENESS_MS = 100;

/**
 * Calls `judge` once every socket that is readable now has been read. Returns what cancels it.
 *
 * Timers that are due run before sockets are read, so that a timer says nothing of what has arrived. An immediate
 * that a timer sets runs after the poll that follows, whatever other immediates do. The timer after it is for
 * what is told in an immediate of its own, as `ws` does with `allowSynchronousEvents: false`, and for virtual
 * time, where all that happens in one millisecond may come in another order.
 */
export function afterPoll(judge: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const immediate = setImmediate(() => {
    timer = setTimeout(judge, 1);
  });
  return () => {
    clearImmediate(immediate);
    clearTimeout(timer);
  };
}
