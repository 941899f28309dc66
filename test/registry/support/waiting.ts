/** Waits of the tests on real sockets: for a condition where there is one, with a generous bound. Holds no assertions. */

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Polls until `condition` holds. The bound is for a hang: no test relies on how fast this machine is. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  boundMs = 20_000,
): Promise<void> {
  const endMs = performance.now() + boundMs;
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`not so within ${boundMs} ms: ${condition}`);
    await sleep(2);
  }
}

export function once<T = unknown>(
  emitter: { once(name: string, listener: (value: T) => void): unknown },
  name: string,
): Promise<T> {
  return new Promise((resolve) => emitter.once(name, resolve));
}
