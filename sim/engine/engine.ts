/**
 * Virtual time, the queue of events and the trace: one event happens at a time, and guards end a run that would never
 * end. Knows nothing of what is simulated; which real turn of the event loop it gets is up to the loop.
 */
import { drainTicks } from './drain.ts';
import { SimulationError } from './errors.ts';
import { beforeTimers, EventQueue, type PlannedEvent, type QueuedEvent } from './event-queue.ts';
import type { Owner } from './owner.ts';
import { type EventKind, Trace, type TraceRecord } from './trace.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface EngineOptions {
  /** The process whose code is running. */
  readonly currentOwner: () => Owner | undefined;
  /** Events that may happen at one virtual millisecond before the run is called a livelock. @default 100_000 */
  readonly eventsPerInstantMax?: number | undefined;
  readonly onTrace?: ((record: TraceRecord) => void) | undefined;
}

/** The error that stopped a run, and the host whose code it came from. */
export interface Crash {
  readonly error: unknown;
  readonly host: string | undefined;
}

/** Called after every event, outside any process. Throwing here is a bug of the observer, not of the run. */
export type AfterEvent = () => void;

/** Something that collects what happens during an event, and acts on it when the event is over. */
export interface Flushable {
  flush(): void;
}

export class Engine {
  /** What stopped the run before its time. */
  crash: Crash | undefined;
  /** Set when a tick has thrown: what comes out of `drain` is then the error of the code under test, not the engine's. */
  threwInDrain = false;
  /** Set when an invariant has broken: nothing more happens. */
  halted = false;
  /** Ordinal of the event that is happening; 0 before the first. */
  event = 0;
  afterEvent: AfterEvent = () => {};

  readonly #currentOwner: () => Owner | undefined;
  readonly #clock: VirtualClock;
  readonly #queue = new EventQueue();
  readonly #trace: Trace;
  readonly #eventsPerInstantMax: number;
  readonly #nextTick = process.nextTick;
  #dirty: Flushable[] = [];
  #lastKind: EventKind = 'phase';
  #lastHost: string | undefined;
  #lastId = 0;
  #instantMs = -1;
  #eventsThisInstant = 0;

  /** Takes over the clocks of the process. Call `dispose` in a `finally`. */
  constructor({ currentOwner, eventsPerInstantMax = 100_000, onTrace }: EngineOptions) {
    this.#currentOwner = currentOwner;
    this.#eventsPerInstantMax = eventsPerInstantMax;
    this.#trace = new Trace(onTrace);
    this.#clock = new VirtualClock(this);
  }

  dispose(): void {
    this.#queue.clear();
    process.nextTick = this.#nextTick;
    this.#clock.uninstall();
  }

  /** Virtual milliseconds since the start of the run. */
  get nowMs(): number {
    return this.#clock.nowMs;
  }

  get lastEvent(): string {
    const host = this.#lastHost === undefined ? '' : ` ${this.#lastHost}`;
    return `${this.#lastKind}${host} #${this.#lastId}`;
  }

  /** Timers that wait: of one process, or of all. */
  pendingTimers(owner?: Owner) {
    return this.#clock.pending(owner);
  }

  /** Ends every timer of a process that has ended. */
  clearTimersOf(owner: Owner): void {
    this.#clock.clearAllOf(owner);
  }

  /** The engine's own events that wait, what is on the network among them, in no order. */
  get pendingEvents(): readonly QueuedEvent[] {
    return this.#queue.pending();
  }

  get wireBytes(): number {
    return this.#trace.wireBytes;
  }

  /** Closes the trace and gives the digest in hexadecimal. */
  digest(): string {
    return this.#trace.digest();
  }

  /** @param cause Ordinal of the event that led to it. @default the one that is happening */
  schedule(event: PlannedEvent, cause: number = this.event): QueuedEvent {
    return this.#queue.push(event, cause);
  }

  /** Has `flushable.flush()` called once the current event is over, in the order of the calls. */
  flushAfterEvent(flushable: Flushable): void {
    this.#dirty.push(flushable);
  }

  /** True when nothing is due up to and including `untilMs`, or the run was stopped. */
  isQuietUntil(untilMs: number): boolean {
    if (this.crash !== undefined || this.halted) return true;
    const queued = this.#queue.peek();
    const timer = this.#clock.next();
    return (queued?.atMs ?? Infinity) > untilMs && (timer?.atMs ?? Infinity) > untilMs;
  }

  /** Lets the next event happen, up to the point where ticks and microtasks must be drained. */
  fireNext(): void {
    const queued = this.#queue.peek();
    const timer = this.#clock.next();
    try {
      if (queued !== undefined && (timer === undefined || goesFirst(queued, timer))) {
        this.#queue.pop();
        this.#clock.moveTo(queued.atMs);
        if (queued.isHeld?.() === true) return;
        const kind = queued.isLost?.() === true ? 'lost' : queued.kind;
        const { payload } = queued;
        const bytes = typeof payload === 'function' ? payload() : payload;
        this.#begin(kind, queued.owner, queued.id, queued.cause, bytes, queued.data);
        queued.fire();
      } else if (timer !== undefined) {
        this.#clock.runNext();
      }
    } catch (error) {
      this.stop(error);
    }
  }

  /**
   * Drains at once where Node lets us; otherwise the loop gives the real event loop a turn. What a `nextTick` callback
   * throws comes out here and must be thrown on: only Node's own handling of it unwinds the stack of async hooks.
   */
  drain(): void {
    try {
      drainTicks();
    } catch (error) {
      this.stop(error);
      this.threwInDrain = true;
      throw error;
    }
  }

  /** Closes the event that `fireNext` began, once everything that it set off is drained. */
  finishEvent(): void {
    const dirty = this.#dirty;
    if (dirty.length > 0) {
      this.#dirty = [];
      if (!this.#flush(dirty)) return;
    }
    this.afterEvent();
  }

  /** Returns false where the simulator found itself broken. */
  #flush(dirty: readonly Flushable[]): boolean {
    try {
      for (const flushable of dirty) flushable.flush();
      return true;
    } catch (error) {
      if (!(error instanceof SimulationError)) throw error;
      this.stop(error);
      return false;
    }
  }

  /** Moves to the end of a phase in which nothing more is due. */
  moveTo(atMs: number): void {
    if (atMs > this.nowMs) this.#clock.moveTo(atMs);
  }

  /** The first error ends the run; what follows from it is noise. */
  stop(error: unknown): void {
    this.crash ??= { error, host: this.#lastHost };
  }

  /** Code of `host` begins to run within the current event, so an error is its error. */
  enterHost(host: string): void {
    this.#lastHost = host;
  }

  /** After a hang: ticks that make ticks would keep Node itself busy for ever, so code of a host makes no more. */
  refuseTicks(): void {
    const nextTick = this.#nextTick;
    process.nextTick = (callback: (...args: unknown[]) => unknown, ...args: unknown[]) => {
      if (this.#currentOwner() === undefined) nextTick(callback, ...args);
    };
  }

  // What the clock asks for.

  currentOwner(): Owner | undefined {
    return this.#currentOwner();
  }

  timerFires(kind: EventKind, owner: Owner | undefined, ordinal: number, cause: number): void {
    this.#begin(kind, owner, ordinal, cause);
  }

  #begin(
    kind: EventKind,
    owner: Owner | undefined,
    id: number,
    cause: number,
    payload?: Uint8Array,
    data?: unknown,
  ): void {
    this.event += 1;
    this.#lastKind = kind;
    this.#lastHost = owner?.host.name;
    this.#lastId = id;
    const { nowMs, event } = this;
    const { host, incarnation = 0 } = owner ?? {};
    this.#trace.add(event, nowMs, kind, host, incarnation, cause, id, payload, data);
    if (nowMs !== this.#instantMs) {
      this.#instantMs = nowMs;
      this.#eventsThisInstant = 0;
    }
    if (++this.#eventsThisInstant > this.#eventsPerInstantMax) {
      throw new SimulationError(
        'ERR_SIM_LIVELOCK',
        `${this.#eventsPerInstantMax} events at virtual millisecond ${nowMs} without time going on; the last: ${this.event} ${this.lastEvent}`,
      );
    }
  }
}

/** Immediates run before everything else that is due, as after Node's poll phase; then by time and side. */
function goesFirst(
  queued: QueuedEvent,
  timer: { readonly atMs: number; readonly immediate: boolean },
): boolean {
  if (queued.atMs !== timer.atMs) return queued.atMs < timer.atMs;
  return !timer.immediate && queued.side === beforeTimers;
}
