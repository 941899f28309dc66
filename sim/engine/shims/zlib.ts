/**
 * zlib without its thread pool. The pool completes work in another order each time, so during a run every chunk is done
 * at once, and its completion delivered as an event of its own, in the order of submission. Which bytes come out is
 * still zlib's business, and may differ between Node versions.
 */
import { AsyncResource } from 'node:async_hooks';
import zlib from 'node:zlib';
import { activeGovernor } from '../governor.ts';

/** Node's binding: `write` works on the pool and then calls what `init` was given, `writeSync` works here and now. */
interface Handle {
  init(...args: unknown[]): unknown;
  write(...args: unknown[]): unknown;
  writeSync(...args: unknown[]): unknown;
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
      const governor = activeGovernor();
      const completion = completions.get(this);
      if (governor === undefined || completion === undefined) return write.apply(this, args);
      this.writeSync(...args);
      governor.completeWork(AsyncResource.bind(() => completion.call(this)));
      return undefined;
    };
  }
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
