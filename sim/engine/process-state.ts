/**
 * What there is once in a process, whatever the number of copies of this module that a test runner's module graphs make:
 * the shims that were installed by one copy must see the run that another copy started.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Governor } from './governor.ts';
import type { Life } from './life.ts';

export interface ProcessState {
  readonly storage: AsyncLocalStorage<Life | undefined>;
  governor: Governor | undefined;
  shimsInstalled: boolean;
}

const key = Symbol.for('leaktight.sim.state');

function create(): ProcessState {
  return { storage: new AsyncLocalStorage(), governor: undefined, shimsInstalled: false };
}

const holder = globalThis as { [key]?: ProcessState };
holder[key] ??= create();

export const processState: ProcessState = holder[key];
