/**
 * Schedules by priorities instead of by chance alone: probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi
 * and Nagarakatte, ASPLOS 2010) on the network. Each direction of a connection is a lane with a priority of its own;
 * what is due in one waits, up to a bound, while a lane above it has something under way. At a few change points, the
 * lane whose turn it is falls below all others. Within a lane everything stays in order.
 */
import { afterTimers, type PlannedEvent, type TimerSide } from '../engine/event-queue.ts';
import type { Random, RandomSource } from '../engine/random.ts';
import type { PrioritySchedule } from './profile.ts';
import type { Lane, Wire } from './wire.ts';

type Plans = Pick<Wire, 'nowMs' | 'eventNumber' | 'schedule'>;

export class Priorities {
  readonly #wire: Plans;
  readonly #windowMs: number;
  /** When the change points are that have not been, the earliest last. */
  readonly #changesMs: number[];
  /** Lanes that have something under way. */
  readonly busy = new Set<PriorityLane>();
  #fallen = 0;

  constructor(
    { changePoints, windowMs, withinMs }: PrioritySchedule,
    source: RandomSource,
    wire: Plans,
  ) {
    this.#wire = wire;
    this.#windowMs = windowMs;
    this.#changesMs = Array.from({ length: changePoints }, (_, index) =>
      source.for('change-point', index).between(0, withinMs),
    ).sort((a, b) => b - a);
  }

  /** @param random The stream of the lane's owner, from which its priority is drawn. */
  lane(random: Random): Lane {
    return new PriorityLane(this, this.#wire, random.unit());
  }

  /** Until when something due in `lane` has to wait, if it has to. */
  heldUntilMs(lane: PriorityLane, dueMs: number): number | undefined {
    const { nowMs } = this.#wire;
    const mostMs = dueMs + this.#windowMs;
    if (nowMs >= mostMs) return undefined;
    if ((this.#changesMs.at(-1) ?? Number.POSITIVE_INFINITY) <= nowMs) {
      this.#changesMs.pop();
      this.#fallen += 1;
      lane.priority = -this.#fallen;
    }
    let untilMs = Number.POSITIVE_INFINITY;
    for (const other of this.busy) {
      if (other.priority > lane.priority) untilMs = Math.min(untilMs, other.plannedMs);
    }
    return untilMs === Number.POSITIVE_INFINITY ? undefined : Math.min(untilMs, mostMs);
  }
}

interface Waiting {
  readonly event: PlannedEvent;
  readonly cause: number;
}

/** What is under way in one direction. Only the first of it is in the queue of the run. */
class PriorityLane implements Lane {
  /** The higher one goes first. From 0 to 1 as drawn, below 0 once it has fallen. */
  priority: number;
  /** When the first of what is under way will be looked at. */
  plannedMs = 0;
  readonly #priorities: Priorities;
  readonly #wire: Plans;
  readonly #waiting: Waiting[] = [];

  constructor(priorities: Priorities, wire: Plans, priority: number) {
    this.#priorities = priorities;
    this.#wire = wire;
    this.priority = priority;
  }

  /** Puts `event` behind all that is under way. It is due at its time and happens then, or when it was held no longer. */
  add(event: PlannedEvent): void {
    this.#waiting.push({ event, cause: this.#wire.eventNumber });
    if (this.#waiting.length > 1) return;
    this.#priorities.busy.add(this);
    this.#plan(event.atMs, event.side);
  }

  #plan(atMs: number, side: TimerSide): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    const { event, cause } = first;
    this.plannedMs = atMs;
    const isHeld = () => this.#hold(event.atMs);
    const fire = () => {
      this.#next();
      event.fire();
    };
    this.#wire.schedule({ ...event, atMs, side, isHeld, fire }, cause);
  }

  #hold(dueMs: number): boolean {
    const untilMs = this.#priorities.heldUntilMs(this, dueMs);
    // After whatever it waits for, which may be due at the same time.
    if (untilMs !== undefined) this.#plan(untilMs, afterTimers);
    return untilMs !== undefined;
  }

  #next(): void {
    this.#waiting.shift();
    const [next] = this.#waiting;
    if (next === undefined) this.#priorities.busy.delete(this);
    else if (next.event.atMs > this.#wire.nowMs) this.#plan(next.event.atMs, next.event.side);
    else this.#plan(this.#wire.nowMs, afterTimers);
  }
}
