/**
 * An event loop that stands still: what waits for it to go on, and how it goes on. Does not decide when: a fault does, or
 * the end of all faults.
 */

import { beforeTimers, type PlannedEvent } from '../engine/event-queue.ts';
import type { Owner } from '../engine/owner.ts';

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

  /** The kernel or the thread pool has something to deliver. */
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

/** A process whose event loop can stand still. */
interface Pausable extends Owner {
  pause: ProcessPause | undefined;
}

/** What a pause needs of the run. */
interface Timeline {
  readonly nowMs: number;
  schedule(event: PlannedEvent): unknown;
}

/** The event loop of a process stands still; or longer, if it does already. */
export function pauseProcess(timeline: Timeline, owner: Pausable, durationMs: number): void {
  const untilMs = timeline.nowMs + durationMs;
  owner.pause ??= new ProcessPause(untilMs);
  owner.pause.untilMs = Math.max(owner.pause.untilMs, untilMs);
  schedule(timeline, owner, 'resume', 0, () => goOn(timeline, owner), untilMs);
}

/** Lets every event loop that stands still go on now. Returns whether one stood still. */
export function resumeAll(
  run: Timeline & { readonly hosts: readonly { readonly process: Pausable | undefined }[] },
): boolean {
  let any = false;
  for (const { process: owner } of run.hosts) {
    if (owner?.pause === undefined) continue;
    any = true;
    owner.pause.untilMs = run.nowMs;
    goOn(run, owner);
  }
  return any;
}

/** What is late runs, each as an event of its own; what comes in meanwhile waits behind it. */
function goOn(timeline: Timeline, owner: Pausable): void {
  const { pause } = owner;
  if (pause === undefined || timeline.nowMs < pause.untilMs) return;
  const late = pause.takeLate();
  if (late.length === 0) {
    owner.pause = undefined;
    return;
  }
  for (const { kind, id, run } of late) {
    schedule(timeline, owner, kind, id, () => {
      if (owner.alive) run();
    });
  }
  schedule(timeline, owner, 'resume', 0, () => goOn(timeline, owner));
}

function schedule(
  timeline: Timeline,
  owner: Owner,
  kind: Late['kind'] | 'resume',
  id: number,
  fire: () => void,
  atMs: number = timeline.nowMs,
): void {
  timeline.schedule({ kind, atMs, side: beforeTimers, owner, id, fire });
}
