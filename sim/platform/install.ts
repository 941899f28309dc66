/**
 * Puts the shims in place, once a process, when this module is loaded. It must be loaded before ws and before anything
 * else that captures what the shims replace: `node --import leaktight/sim/register`, or the Vitest setup file.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
// Keeps the platform's own clocks, so it comes before they are replaced.
import '../engine/real-time.ts';
import { SimulationError } from '../engine/errors.ts';
import { onceInProcess } from '../engine/once-in-process.ts';
import { installTimeShims } from './captured-clocks.ts';
import { installCryptoShims } from './crypto.ts';
import { installFetchShims } from './fetch.ts';
import { installFileShims } from './files.ts';
import { installNetShims } from './net.ts';
import { installProcessShims } from './process.ts';
import { installRefusals } from './refusals.ts';
import { installPoolShims } from './thread-pool.ts';
import { installTimerShims } from './timers.ts';
import { installZlibShims } from './zlib.ts';

const shims = onceInProcess('shims', () => ({ areInstalled: false }));

/** Idempotent, also across copies of this module in one process. */
export function installShims(): void {
  if (shims.areInstalled) return;
  assertNotTooLate();
  installTimeShims();
  installTimerShims();
  installCryptoShims();
  installZlibShims();
  installNetShims();
  installFetchShims();
  installFileShims();
  installPoolShims();
  installProcessShims();
  installRefusals();
  // Named imports of built-in modules are bound to what this call last saw.
  syncBuiltinESMExports();
  shims.areInstalled = true;
}

/** Node keeps a CommonJS module here as soon as a static import names it, and calls it loaded once it has run. */
function loadedModules(): string[] {
  const { cache } = createRequire(import.meta.url);
  return Object.keys(cache).filter((path) => cache[path]?.loaded);
}

/** ws captures `randomFillSync` when it is loaded; from then on its handshake keys cannot be seeded. */
export function assertNotTooLate(loaded: readonly string[] = loadedModules()): void {
  const early = loaded.find((path) => /[\\/]node_modules[\\/]ws[\\/]/.test(path));
  if (early === undefined) return;
  throw new SimulationError(
    'ERR_SIM_LOADED_TOO_EARLY',
    `ws was loaded before the simulator (${early}): start with \`node --import leaktight/sim/register\`, ` +
      'or with Vitest put `leaktight/sim/vitest` first in `setupFiles`',
  );
}

installShims();
