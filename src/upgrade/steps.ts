/**
 * Work that may have to wait, and is done in one go for as long as it need not: an upgrade whose checks answer at
 * once is a connection in the tick in which it came, and costs no promise. Knows nothing of what the work is.
 */

/** Yields what it waits for, and gets back what that was fulfilled with; a rejection is thrown at the `yield`. */
export type Steps<T> = Generator<PromiseLike<unknown>, T, unknown>;

/** The result at once when nothing had to be waited for, else a promise of it. */
export function take<T>(steps: Steps<T>): T | Promise<T> {
  const first = steps.next();
  return first.done === true ? first.value : takeOn(steps, first.value);
}

async function takeOn<T>(steps: Steps<T>, first: PromiseLike<unknown>): Promise<T> {
  let awaited = first;
  for (;;) {
    let go: () => IteratorResult<PromiseLike<unknown>, T>;
    try {
      const value = await awaited;
      go = () => steps.next(value);
    } catch (error) {
      go = () => steps.throw(error);
    }
    const step = go();
    if (step.done === true) return step.value;
    awaited = step.value;
  }
}
