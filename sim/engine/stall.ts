/** An event loop that stands still, what waits for it to go on, and how it does. */
import type { Life } from './life.ts';
import { beforeTimers } from './queue.ts';
import type { World } from './world.ts';

/** Something that should have run already. */
export interface Late {
  readonly kind: 'timer' | 'delivery';
  /** Ordinal of the timer or of the connection; 0 where there is none. */
  readonly id: number;
  readonly run: () => void;
}

export class Stall {
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
export function pause(world: World, life: Life, durationMs: number): void {
  const untilMs = world.nowMs + durationMs;
  life.stall ??= new Stall(untilMs);
  life.stall.untilMs = Math.max(life.stall.untilMs, untilMs);
  schedule(world, life, 'resume', 0, () => goOn(world, life), untilMs);
}

/** Lets every event loop that stands still go on now. Returns whether there was one. */
export function resumeAll(world: World): boolean {
  let any = false;
  for (const { life } of world.hosts) {
    if (life?.stall === undefined) continue;
    any = true;
    life.stall.untilMs = world.nowMs;
    goOn(world, life);
  }
  return any;
}

/** What is late runs, each as an event of its own; what comes in meanwhile waits behind it. */
function goOn(world: World, life: Life): void {
  const { stall } = life;
  if (stall === undefined || world.nowMs < stall.untilMs) return;
  const late = stall.takeLate();
  if (late.length === 0) {
    life.stall = undefined;
    return;
  }
  for (const { kind, id, run } of late) {
    schedule(world, life, kind, id, () => {
      if (life.alive) run();
    });
  }
  schedule(world, life, 'resume', 0, () => goOn(world, life));
}

function schedule(
  world: World,
  life: Life,
  kind: Late['kind'] | 'resume',
  id: number,
  fire: () => void,
  atMs: number = world.nowMs,
): void {
  world.schedule({ kind, atMs, side: beforeTimers, life, id, fire });
}
