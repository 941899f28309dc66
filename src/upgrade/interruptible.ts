/**
 * Waiting for a promise of somebody else's without being held by it. After an interruption the
 * promise, even one that never settles, holds nothing of the waiter's.
 */
export interface Interruptible<T> {
  readonly promise: Promise<T>;
  /** Rejects with `cause`, unless it has settled already. */
  interrupt(cause: unknown): void;
}

/** @param late Called with what `awaited` rejects with after an interruption. */
export function interruptible<T>(
  awaited: PromiseLike<T>,
  late: (error: unknown) => void = ignore,
): Interruptible<T> {
  let settle: { resolve(value: T): void; reject(cause: unknown): void } | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  const interrupt = (cause: unknown): void => {
    settle?.reject(cause);
    settle = undefined;
  };
  // Not its own `then`, which may call back twice, throw afterwards, or give one more promise.
  Promise.resolve(awaited).then(
    (value) => {
      settle?.resolve(value);
      settle = undefined;
    },
    (error: unknown) => {
      if (settle === undefined) late(error);
      else interrupt(error);
    },
  );
  return { promise, interrupt };
}

function ignore(): void {}
