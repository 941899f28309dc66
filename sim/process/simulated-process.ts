/**
 * One simulated process: one incarnation of one host. What is made during a run (timers, sockets, listeners) belongs to
 * the process in whose asynchronous context it was made, across every `await`; a call from a process that has ended does
 * nothing. Does not know the network: the sockets of a process are its host's.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { onceInProcess } from '../engine/once-in-process.ts';
import type { Owner } from '../engine/owner.ts';
import type { ProcessPause } from './pause.ts';
import type { ProcessRandom } from './process-random.ts';
import type { WallClock } from './wall-clock.ts';

/** The parts of a host that outlive its process. */
export interface HostIdentity {
  readonly name: string;
  /** Position among the hosts of the run. */
  readonly ordinal: number;
  readonly address: string;
  /** What `Date` says in its processes. Monotonic time is not touched. */
  readonly wallClock: WallClock;
}

export class SimulatedProcess implements Owner {
  readonly host: HostIdentity;
  /** 1 for the first boot of the host, then counting up. */
  readonly incarnation: number;
  /** False once the process was killed or lost power. Never true again: a restart makes a new process. */
  alive = true;
  /** Set while its event loop stands still. */
  pause: ProcessPause | undefined;
  nextTimerOrdinal = 1;
  readonly random: ProcessRandom;
  /** What its code listens for on `process`, signals above all. */
  readonly processEvents = new EventEmitter();

  constructor(host: HostIdentity, incarnation: number, random: ProcessRandom) {
    this.host = host;
    this.incarnation = incarnation;
    this.random = random;
  }

  /** Runs `body` as code of this process. What it makes, and what its promises make later, belongs to this process. */
  run<T>(body: () => T): T {
    return storage.run(this, body);
  }

  /** Runs `body` as code of this process: at once, or when its event loop goes on, if that stands still. */
  runInLoop(body: () => void): void {
    if (this.pause === undefined) this.run(body);
    else this.pause.addDelivery(0, () => this.run(body));
  }

  /** The process ends: nothing of it runs any more. Its timers and sockets are ended by what holds them. */
  end(): void {
    this.alive = false;
    this.pause = undefined;
  }
}

const storage = onceInProcess(
  'process-storage',
  () => new AsyncLocalStorage<SimulatedProcess | undefined>(),
);

/** The process whose code is running, or `undefined` in code of the engine or outside a run. */
export function currentProcess(): SimulatedProcess | undefined {
  return storage.getStore();
}
