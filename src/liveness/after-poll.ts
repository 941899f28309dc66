/**
 * When silence may be judged: not before the event loop has read all bytes that have arrived. Owns the order of the
 * loop's phases, and nothing else.
 */

/** A timer that fires later than this was held up, and what a peer sent may wait to be read. */
export const LATENESS_MS = 100;

/**
 * Calls `judge` once every socket that is readable now has been read. Returns what cancels it.
 *
 * Timers that are due run before sockets are read, so a timer cannot know which bytes have arrived. An immediate
 * that a timer sets runs after the poll that follows, whatever other immediates do. The timer after it is for
 * frames that are emitted in an immediate of their own, as `ws` does with `allowSynchronousEvents: false`, and for
 * virtual time, where the events of one millisecond may run in another order.
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
