/**
 * Virtual time: `@sinonjs/fake-timers` on the global scope, with an owner for each timer. The timers of a process die with
 * it, and everything that was replaced is put back by identity. Does not decide what runs next: the engine does.
 */
import * as FakeTimers from '@sinonjs/fake-timers';
import {
  type FakeTimeout,
  OwnedTimer,
  type PendingTimer,
  type TimerClock,
  timerBehind,
  timerOf,
} from './owned-timer.ts';
import type { Owner } from './owner.ts';
import {
  assertCallback,
  definePromisified,
  governedGlobals,
  rememberGlobals,
  toDelayMs,
} from './timer-globals.ts';

/** 2026-01-01T00:00:00Z: where the wall clock of every run begins. */
export const epochMs = 1_767_225_600_000;

type Clock = ReturnType<typeof FakeTimers.install>;
type Handle = ReturnType<typeof setTimeout>;

/** What the clock asks and tells the engine. */
export interface TimerObserver {
  /** Ordinal of the event that is happening. */
  readonly event: number;
  /** The process whose code is running. */
  currentOwner(): Owner | undefined;
  /** A timer begins to run. */
  readonly timerFires: TimerClock['timerFires'];
}

export class VirtualClock implements TimerClock {
  readonly #observer: TimerObserver;
  readonly #clock: Clock;
  readonly #timers = new Map<number, OwnedTimer>();
  readonly #restore: () => void;

  /** Takes over the global scope at once. Call `uninstall` in a `finally`. */
  constructor(observer: TimerObserver) {
    this.#observer = observer;
    this.#restore = rememberGlobals();
    this.#clock = FakeTimers.install({
      now: epochMs,
      toFake: [...governedGlobals, 'hrtime'],
      // A timer that was made before the run is the real world's, and is cleared there.
      shouldClearNativeTimers: true,
    });
    this.#takeOver();
    try {
      this.#assertHeap();
    } catch (error) {
      this.uninstall();
      throw error;
    }
  }

  /** Virtual milliseconds since the start of the run. */
  get nowMs(): number {
    return this.#clock.now - epochMs;
  }

  /** When the next timer is due, and whether it is an immediate; `undefined` when there is none. */
  next(): { readonly atMs: number; readonly immediate: boolean } | undefined {
    // Its heap is the only place in fake-timers that tells without a scan over all timers.
    const timer = this.#clock.timerHeap?.peek();
    if (timer?.callAt === undefined) return undefined;
    return { atMs: timer.callAt - epochMs, immediate: timer.immediate === true };
  }

  /** Runs the next timer, at its time. */
  runNext(): void {
    this.#clock.next();
  }

  /** Moves to `atMs` without running anything: the caller has seen to it that nothing is due before. */
  moveTo(atMs: number): void {
    this.#clock.now = atMs + epochMs;
  }

  /** The timers that wait, of one process or of all. */
  pending(owner?: Owner): PendingTimer[] {
    const timers = [...this.#timers.values()];
    return owner === undefined ? timers : timers.filter((timer) => timer.owner === owner);
  }

  /** When a timer that waits is due. */
  dueMs(id: number): number {
    return (this.#clock.timers?.get(id)?.callAt ?? Number.NaN) - epochMs;
  }

  /** Ends every timer of a process that has ended. */
  clearAllOf(owner: Owner): void {
    for (const [id, timer] of this.#timers) {
      if (timer.owner === owner) this.#clear(id, timer);
    }
  }

  /** Or fake-timers would have an immediate that is made in a timer wait for the next millisecond. */
  beginCallback(): void {
    Object.assign(this.#clock, { duringTick: false });
  }

  forget(timer: OwnedTimer): void {
    this.#timers.delete(timer.id);
  }

  timerFires(...timer: Parameters<TimerClock['timerFires']>): void {
    this.#observer.timerFires(...timer);
  }

  uninstall(): void {
    this.#timers.clear();
    this.#clock.uninstall();
    this.#restore();
  }

  /** The heap is internal to fake-timers: if a release moves it, a run must not end early and pass. */
  #assertHeap(): void {
    const probe = this.#clock.setTimeout(() => {}, 1);
    if (this.next()?.atMs !== 1)
      throw new Error('this version of @sinonjs/fake-timers is not supported');
    this.#clock.clearTimeout(probe);
  }

  #clear(id: number, timer: OwnedTimer): void {
    timer.cleared = true;
    this.#timers.delete(id);
    const clock = this.#clock;
    if (timer.kind === 'immediate') clock.clearImmediate(asImmediate(id));
    else clock.clearTimeout(id);
  }

  /** What Node's `Timeout` can do and fake-timers' cannot, and a `refresh` that this clock learns of. */
  #extend(handle: FakeTimeout, timer: OwnedTimer): void {
    const refresh = handle.refresh;
    handle[timerOf] = timer;
    timer.handle = handle;
    handle.refresh = () => {
      // What was cleared stays so, and a process that has ended starts nothing any more.
      if (timer.cleared || timer.owner?.alive === false) return handle;
      timer.isLate = false;
      refresh.call(handle);
      this.#timers.set(timer.id, timer);
      return handle;
    };
    handle.close = () => {
      this.#clear(timer.id, timer);
      return handle;
    };
    if (Symbol.dispose !== undefined) handle[Symbol.dispose] = () => this.#clear(timer.id, timer);
  }

  #own(
    kind: PendingTimer['kind'],
    schedule: (fire: () => void, delayMs: number) => unknown,
    callback: unknown,
    delay: unknown,
    args: unknown[],
  ): FakeTimeout {
    assertCallback(callback);
    const owner = this.#observer.currentOwner();
    const delayMs = kind === 'immediate' ? 0 : toDelayMs(delay);
    const cause = this.#observer.event;
    const timer = new OwnedTimer(this, kind, owner, callback, delayMs, args, cause);
    // On Node fake-timers returns objects, whatever its types say for browsers.
    const handle = schedule(() => timer.fire(), delayMs) as FakeTimeout;
    timer.id = Number(handle);
    if (owner !== undefined && !owner.alive) this.#clear(timer.id, timer);
    else this.#timers.set(timer.id, timer);
    if (kind !== 'immediate') this.#extend(handle, timer);
    return handle;
  }

  #end(handle: unknown, immediate: boolean, clear: () => void): void {
    const timer = this.#timers.get(Number(handle)) ?? timerBehind(handle);
    // Node ignores the handle of the other kind; fake-timers throws.
    if (timer !== undefined && (timer.kind === 'immediate') !== immediate) return;
    if (timer === undefined) clear();
    else this.#clear(timer.id, timer);
  }

  /**
   * fake-timers' global functions call the methods of its clock by name, so replacing those methods governs the
   * globals, `node:timers` and `node:timers/promises` alike.
   */
  #takeOver(): void {
    const clock = this.#clock;
    const observer = this.#observer;
    const { setTimeout, setInterval, setImmediate } = clock;
    const { clearTimeout, clearInterval, clearImmediate } = clock;
    const methods = {
      setTimeout: (callback: unknown, delay?: unknown, ...args: unknown[]) =>
        this.#own('timeout', (fire, ms) => setTimeout.call(clock, fire, ms), callback, delay, args),
      setInterval: (callback: unknown, delay?: unknown, ...args: unknown[]) =>
        this.#own(
          'interval',
          (fire, ms) => setInterval.call(clock, fire, ms),
          callback,
          delay,
          args,
        ),
      setImmediate: (callback: unknown, ...args: unknown[]) =>
        this.#own('immediate', (fire) => setImmediate.call(clock, fire), callback, 0, args),
      clearTimeout: (handle: Handle) =>
        this.#end(handle, false, () => clearTimeout.call(clock, handle)),
      clearInterval: (handle: Handle) =>
        this.#end(handle, false, () => clearInterval.call(clock, handle)),
      clearImmediate: (handle: NodeJS.Immediate) =>
        this.#end(handle, true, () => clearImmediate.call(clock, handle)),
    };
    Object.assign(clock, methods);
    definePromisified(
      'setTimeout',
      (ms: unknown, value: unknown) =>
        new Promise((resolve) => methods.setTimeout(resolve, ms, value)),
    );
    definePromisified(
      'setImmediate',
      (value: unknown) => new Promise((resolve) => methods.setImmediate(resolve, value)),
    );
    // The true time, plus what the host that asks is off by.
    Object.assign(clock.Date, {
      clock: {
        get now() {
          const wallClock = observer.currentOwner()?.host.wallClock;
          return clock.now + (wallClock?.offsetMs(clock.now - epochMs) ?? 0);
        },
      },
    });
  }
}

/** fake-timers keys immediates by number, as it keys all timers; its types say otherwise. */
function asImmediate(id: number): NodeJS.Immediate {
  return Object.assign(Object.create(null), { [Symbol.toPrimitive]: () => id });
}
