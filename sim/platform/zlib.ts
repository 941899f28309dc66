/**
 * zlib without its thread pool. The pool completes work in another order each time, so during a run every chunk is done
 * at once, and its completion delivered as an event of its own, in the order of submission. Which bytes come out is
 * still zlib's business, and may differ between Node versions.
 */
import { AsyncResource } from 'node:async_hooks';
import zlib from 'node:zlib';
import { activeRun } from '../process/active-run.ts';

/** Node's binding: `write` works on the pool and then calls what `init` was given, `writeSync` works here and now. */
interface Handle {
  init(...args: unknown[]): unknown;
  write(...args: unknown[]): unknown;
  writeSync(...args: unknown[]): unknown;
  onerror(...args: unknown[]): void;
}

type Completion = (this: Handle) => void;

export function installZlibShims(): void {
  const completions = new WeakMap<Handle, Completion>();
  for (const prototype of handlePrototypes()) {
    const { init, write } = prototype;
    prototype.init = function (this: Handle, ...args) {
      const completion = args.find((value): value is Completion => typeof value === 'function');
      if (completion !== undefined) completions.set(this, completion);
      return init.apply(this, args);
    };
    prototype.write = function (this: Handle, ...args) {
      const run = activeRun();
      const completion = completions.get(this);
      if (run === undefined || completion === undefined) return write.apply(this, args);
      const failure = writeNow(this, args);
      run.completeWork(
        AsyncResource.bind(() => {
          if (failure === undefined) completion.call(this);
          else this.onerror(...failure);
        }),
      );
      return undefined;
    };
  }
}

/** Returns what the binding says when the data is bad; it then calls no completion. */
function writeNow(handle: Handle, args: unknown[]): unknown[] | undefined {
  const { onerror } = handle;
  let failure: unknown[] | undefined;
  handle.onerror = (...said) => {
    failure = said;
  };
  handle.writeSync(...args);
  handle.onerror = onerror;
  return failure;
}

/** The prototypes of the bindings for deflate, inflate and brotli, and zstd where Node has it. */
function handlePrototypes(): Set<Handle> {
  const zstd = zlib as { createZstdCompress?: () => object; createZstdDecompress?: () => object };
  const streams: (object | undefined)[] = [
    zlib.createDeflateRaw(),
    zlib.createBrotliCompress(),
    zlib.createBrotliDecompress(),
    zstd.createZstdCompress?.(),
    zstd.createZstdDecompress?.(),
  ];
  const prototypes = new Set<Handle>();
  for (const stream of streams) {
    const handle = (stream as { _handle?: Handle } | undefined)?._handle;
    if (handle === undefined) continue;
    const prototype: Handle = Object.getPrototypeOf(handle);
    if (typeof prototype.write !== 'function' || typeof prototype.writeSync !== 'function') {
      throw new Error(`zlib on Node ${process.version} is not supported by the simulator`);
    }
    prototypes.add(prototype);
  }
  return prototypes;
}
