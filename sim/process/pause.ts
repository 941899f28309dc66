/** An event loop that stands still, what waits for it to go on, and how it does. */

import { beforeTimers } from '../engine/event-queue.ts';
import type { World } from '../run/world.ts';
import type { SimulatedProcess } from './simulated-process.ts';

/** Something that should have run already. */
export interface Late {
  readonly kind: 'timer' | 'delivery';
  /** Ordinal of the timer or of the connection; 0 where there is none. */
  readonly id: number;
  readonly run: () => void;
}

export class ProcessPause {
  untilMs: number;
  #timers: Late[] = [];
  #deliveries: Late[] = [];

  constructor(untilMs: number) {
    this.untilMs = untilMs;
  }

  /** A timer came due. */
  addTimer(id: number, run: () => void): void {
    this.#timers.push({ kind: 'timer', id, run });
  }

  /** The kernel or the thread pool has something to say. */
  addDelivery(id: number, run: () => void): void {
    this.#deliveries.push({ kind: 'delivery', id, run });
  }

  /** Everything that waits, in the order of Node's phases: timers as they came due, then what is polled for. */
  takeLate(): readonly Late[] {
    const late = [...this.#timers, ...this.#deliveries];
    this.#timers = [];
    this.#deliveries = [];
    return late;
  }
}

/** The event loop of a process stands still; or longer, if it does already. */
export function pauseProcess(world: World, owner: SimulatedProcess, durationMs: number): void {
  const untilMs = world.nowMs + durationMs;
  owner.pause ??= new ProcessPause(untilMs);
  owner.pause.untilMs = Math.max(owner.pause.untilMs, untilMs);
  schedule(world, owner, 'resume', 0, () => goOn(world, owner), untilMs);
}

/** Lets every event loop that stands still go on now. Returns whether there was one. */
export function resumeAll(world: World): boolean {
  let any = false;
  for (const { process: owner } of world.hosts) {
    if (owner?.pause === undefined) continue;
    any = true;
    owner.pause.untilMs = world.nowMs;
    goOn(world, owner);
  }
  return any;
}

/** What is late runs, each as an event of its own; what comes in meanwhile waits behind it. */
function goOn(world: World, owner: SimulatedProcess): void {
  const { pause } = owner;
  if (pause === undefined || world.nowMs < pause.untilMs) return;
  const late = pause.takeLate();
  if (late.length === 0) {
    owner.pause = undefined;
    return;
  }
  for (const { kind, id, run } of late) {
    schedule(world, owner, kind, id, () => {
      if (owner.alive) run();
    });
  }
  schedule(world, owner, 'resume', 0, () => goOn(world, owner));
}

function schedule(
  world: World,
  owner: SimulatedProcess,
  kind: Late['kind'] | 'resume',
  id: number,
  fire: () => void,
  atMs: number = world.nowMs,
): void {
  world.schedule({ kind, atMs, side: beforeTimers, owner, id, fire });
}
