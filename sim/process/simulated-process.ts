/**
 * Who owns what is made during a run. The store of the one `AsyncLocalStorage` is a life: one incarnation of one host.
 * Timers, sockets and listeners belong to the life in whose store they were made, across every `await`; a call from a
 * life that has ended does nothing.
 */
import { EventEmitter } from 'node:events';
import { globalState } from '../engine/global-state.ts';
import type { Random, RandomSource } from '../engine/random.ts';
import type { ProcessPause } from './pause.ts';
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

export class SimulatedProcess {
  readonly host: HostIdentity;
  /** 1 for the first boot of the host, then counting up. */
  readonly incarnation: number;
  /** False once the process was killed or lost power. Never true again: a restart is a new life. */
  alive = true;
  /** Set while its event loop stands still. */
  pause: ProcessPause | undefined;
  /** Ordinals are of the life, not of the run: what one host does must not rename what another one did. */
  nextTimerOrdinal = 1;
  readonly random: ProcessRandom;
  /** What its code listens for on `process`, signals above all. */
  readonly processEvents = new EventEmitter();

  constructor(host: HostIdentity, incarnation: number, random: ProcessRandom) {
    this.host = host;
    this.incarnation = incarnation;
    this.random = random;
  }

  /** Runs `body` as code of this life. What it makes, and what its promises make later, belongs to it. */
  run<T>(body: () => T): T {
    return storage.run(this, body);
  }
}

/** The seeded chance of one life: `Math.random` and `node:crypto` inside it. */
export interface ProcessRandom {
  readonly math: Random;
  readonly crypto: Random;
}

/** Drawn from when it is first asked for: most lives ask for one of the two at most. */
export function makeProcessRandom(
  source: RandomSource,
  host: string,
  incarnation: number,
): ProcessRandom {
  let math: Random | undefined;
  let crypto: Random | undefined;
  return {
    get math() {
      math ??= source.for('math', host, incarnation);
      return math;
    },
    get crypto() {
      crypto ??= source.for('crypto', host, incarnation);
      return crypto;
    },
  };
}

const { storage } = globalState;

/** The life whose code is running, or `undefined` in code of the engine or outside a run. */
export function currentProcess(): SimulatedProcess | undefined {
  return storage.getStore();
}

/** The life whose code is running, where a run is on and governs it. */
export function governedProcess(): SimulatedProcess | undefined {
  return globalState.activeRun === undefined ? undefined : storage.getStore();
}
