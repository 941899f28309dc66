/**
 * Seeded chance: `node:crypto`'s random functions and Web Crypto's, drawn from the stream of the process that calls.
 * They must be replaced before a module captures them (ws takes `randomFillSync` when it is loaded).
 */
import crypto from 'node:crypto';
import { activeRun } from '../process/active-run.ts';
import { currentProcess } from '../process/simulated-process.ts';
import { randomIntFrom, toBytes, uuidFrom } from './crypto-values.ts';

type Callback<T> = (error: Error | null, value: T) => void;

export function installCryptoShims(): void {
  const real = {
    randomBytes: crypto.randomBytes,
    randomFillSync: crypto.randomFillSync,
    randomFill: crypto.randomFill,
    randomInt: crypto.randomInt,
    randomUUID: crypto.randomUUID,
  };
  Object.assign(crypto, {
    randomBytes: (size: number, callback?: Callback<Buffer>) =>
      seeded() && isSize(size)
        ? answer(draw(Buffer.alloc(size)), callback)
        : callThrough(real.randomBytes, [size, callback]),
    randomFillSync: (view: ArrayBufferView, ...range: number[]) => {
      // The platform checks the arguments; what it filled in is then replaced.
      callThrough(real.randomFillSync, [view, ...range]);
      if (seeded()) draw(toBytes(view, range[0], range[1]));
      return view;
    },
    randomFill: (view: ArrayBufferView, ...rest: unknown[]) => {
      const callback = rest.at(-1);
      if (!seeded() || typeof callback !== 'function') {
        return callThrough(real.randomFill, [view, ...rest]);
      }
      const [offset, size] = rest.filter((value) => typeof value === 'number');
      callThrough(real.randomFillSync, [view, offset, size]);
      draw(toBytes(view, offset, size));
      return answer(view, (error, value) => callback(error, value));
    },
    randomInt: (...args: unknown[]) => {
      const range = args.filter((value) => typeof value === 'number');
      const callback = args.find((value) => typeof value === 'function');
      const min = range.length > 1 ? range[0] : 0;
      const max = range.at(-1);
      const valid =
        Number.isSafeInteger(min) && Number.isSafeInteger(max) && Number(max) > Number(min);
      if (!seeded() || !valid) return callThrough(real.randomInt, args);
      const value = randomIntFrom(draw, Number(min), Number(max));
      return answer(value, callback === undefined ? undefined : (e, v) => callback(e, v));
    },
    randomUUID: (options?: unknown) =>
      seeded() ? uuidFrom(draw) : callThrough(real.randomUUID, [options]),
  });

  // Old names of `randomBytes`.
  for (const name of ['pseudoRandomBytes', 'prng', 'rng']) {
    const value = Reflect.get(crypto, 'randomBytes');
    if (name in crypto)
      Object.defineProperty(crypto, name, { configurable: true, writable: true, value });
  }

  const webCrypto = Object.getPrototypeOf(crypto.webcrypto);
  const { getRandomValues, randomUUID } = webCrypto;
  const governed = {
    getRandomValues(view: ArrayBufferView) {
      getRandomValues.call(crypto.webcrypto, view);
      if (seeded()) draw(toBytes(view));
      return view;
    },
    randomUUID() {
      return seeded() ? uuidFrom(draw) : randomUUID.call(crypto.webcrypto);
    },
  };
  for (const [name, value] of Object.entries(governed)) {
    Object.defineProperty(webCrypto, name, {
      configurable: true,
      writable: true,
      enumerable: true,
      value,
    });
  }
  // `crypto.getRandomValues` itself is an accessor that reads the prototype.
}

function seeded(): boolean {
  return activeRun() !== undefined;
}

function draw<T extends Uint8Array>(bytes: T): T {
  activeRun()?.fillRandom(bytes, currentProcess());
  return bytes;
}

/** Sizes that Node would refuse go to Node, for its own error. */
function isSize(size: unknown): boolean {
  return typeof size === 'number' && Number.isInteger(size) && size >= 0 && size <= 2 ** 31 - 1;
}

/** The callback forms answer from the thread pool: later, never at once. */
function answer<T>(value: T, callback: Callback<T> | undefined): T | undefined {
  if (callback === undefined) return value;
  activeRun()?.completeWork(() => callback(null, value));
  return undefined;
}

function callThrough(original: unknown, args: readonly unknown[]): unknown {
  const last = args.findLastIndex((value) => value !== undefined);
  const given = args.slice(0, last + 1);
  return Reflect.apply(original as (...all: unknown[]) => unknown, crypto, given);
}
