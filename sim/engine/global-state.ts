/**
 * What there is once in a process, whatever the number of copies of this module that a test runner's module graphs make:
 * the shims that were installed by one copy must see the run that another copy started.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { SimulatedProcess } from '../process/simulated-process.ts';
import type { ActiveRun } from './active-run.ts';

export interface RealTime {
  readonly nowMs: () => number;
  readonly setImmediate: typeof setImmediate;
  readonly cpuUsage: typeof process.cpuUsage;
}

export interface GlobalState {
  readonly storage: AsyncLocalStorage<SimulatedProcess | undefined>;
  activeRun: ActiveRun | undefined;
  shimsInstalled: boolean;
  /** The platform's own, as they were when the first copy was loaded. One that is loaded during a run sees others. */
  real: RealTime | undefined;
}

const key = Symbol.for('leaktight.sim.state');

function create(): GlobalState {
  return {
    storage: new AsyncLocalStorage(),
    activeRun: undefined,
    shimsInstalled: false,
    real: undefined,
  };
}

const holder = globalThis as { [key]?: GlobalState };
holder[key] ??= create();

export const globalState: GlobalState = holder[key];
