/**
 * Virtual time: `@sinonjs/fake-timers` on the global scope, with owners. Timers made by a life run in its asynchronous
 * context (as Node's do), count as its own, die with it, and carry what caused them. Everything that was replaced is put
 * back by identity. Does not decide what runs next: the loop in world.ts does.
 */
import { AsyncResource } from 'node:async_hooks';
import { promisify } from 'node:util';
import * as FakeTimers from '@sinonjs/fake-timers';
import { currentProcess, type SimulatedProcess } from '../process/simulated-process.ts';
import type { EventKind } from './trace.ts';

/** 2026-01-01T00:00:00Z: where the wall clock of every run begins. */
export const epochMs = 1_767_225_600_000;

const governed = [
  'setTimeout',
  'clearTimeout',
  'setInterval',
  'clearInterval',
  'setImmediate',
  'clearImmediate',
  'Date',
  'performance',
] as const;

type Clock = ReturnType<typeof FakeTimers.install>;

type Callback = (...args: unknown[]) => unknown;
type Handle = ReturnType<typeof setTimeout>;

/** The object that fake-timers' scheduling methods return. */
interface FakeTimeout {
  refresh(): unknown;
  close?(): unknown;
  [Symbol.dispose]?(): void;
  [owner]?: OwnedTimer;
}

const owner = Symbol('owner');

/** What the loop wants to know of a timer that fires. */
export interface TimerObserver {
  /** Where the ordinal of the event that is happening stands. */
  readonly world: { readonly event: number };
  /** A timer begins to run. `cause` is the event during which it was made. */
  timerFires(
    kind: EventKind,
    owner: SimulatedProcess | undefined,
    ordinal: number,
    cause: number,
  ): void;
}

/** A timer that somebody waits for, for the leak oracles. */
export interface PendingTimer {
  readonly kind: 'timeout' | 'interval' | 'immediate';
  readonly owner: SimulatedProcess | undefined;
  readonly ordinal: number;
  readonly delayMs: number;
  /** On the clock of the run. */
  readonly dueMs: number;
  readonly callback: string;
}

class OwnedTimer extends AsyncResource implements PendingTimer {
  readonly kind: PendingTimer['kind'];
  readonly owner: SimulatedProcess | undefined;
  readonly ordinal: number;
  readonly delayMs: number;
  readonly #clock: VirtualClock;
  readonly #callback: Callback;
  readonly #args: unknown[];
  readonly #cause: number;
  id = 0;
  cleared = false;
  /** What the code under test holds; immediates have none that is extended. */
  handle: FakeTimeout | undefined;
  /** It came due while its event loop stood still, and waits for that to go on. */
  isLate = false;

  constructor(
    clock: VirtualClock,
    kind: PendingTimer['kind'],
    owner: SimulatedProcess | undefined,
    callback: Callback,
    delayMs: number,
    args: unknown[],
    cause: number,
  ) {
    super(kind, { requireManualDestroy: true });
    this.#clock = clock;
    this.kind = kind;
    this.owner = owner;
    this.ordinal = owner === undefined ? 0 : owner.nextTimerOrdinal++;
    this.delayMs = delayMs;
    this.#callback = callback;
    this.#args = args;
    this.#cause = cause;
  }

  get dueMs(): number {
    return this.#clock.dueMs(this.id);
  }

  get callback(): string {
    return this.#callback.name === '' ? 'anonymous' : this.#callback.name;
  }

  fire(): void {
    this.#clock.beginCallback();
    const pause = this.owner?.alive === true ? this.owner.pause : undefined;
    if (pause !== undefined) {
      // An interval comes due again and again, and still runs only once.
      if (!this.isLate) pause.addTimer(this.ordinal, () => this.#fireLate());
      this.isLate = true;
      return;
    }
    if (this.kind !== 'interval') this.#clock.forget(this);
    // A handle that outlived its host can still be refreshed by nobody but a stray reference.
    if (this.owner !== undefined && !this.owner.alive) return;
    const kind = this.kind === 'immediate' ? 'immediate' : 'timer';
    this.#clock.observer.timerFires(kind, this.owner, this.ordinal, this.#cause);
    this.runInAsyncScope(this.#callback, undefined, ...this.#args);
  }

  #fireLate(): void {
    // An earlier one of the late may have cleared it, or started it anew.
    if (!this.isLate || this.cleared) return;
    this.isLate = false;
    if (this.kind !== 'interval') this.#clock.forget(this);
    try {
      this.runInAsyncScope(this.#callback, undefined, ...this.#args);
    } finally {
      // Node counts the next interval from the time at which the last one ran.
      if (this.kind === 'interval') this.handle?.refresh();
    }
  }
}

export class VirtualClock {
  readonly observer: TimerObserver;
  readonly #clock: Clock;
  readonly #timers = new Map<number, OwnedTimer>();
  readonly #restore: () => void;

  /** Takes over the global scope at once. Call `uninstall` in a `finally`. */
  constructor(observer: TimerObserver) {
    this.observer = observer;
    this.#restore = rememberGlobals();
    this.#clock = FakeTimers.install({
      now: epochMs,
      toFake: [...governed, 'hrtime'],
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

  /** The timers that wait, of one life or of all. */
  pending(owner?: SimulatedProcess): PendingTimer[] {
    const timers = [...this.#timers.values()];
    return owner === undefined ? timers : timers.filter((timer) => timer.owner === owner);
  }

  /** When a timer that waits is due. */
  dueMs(id: number): number {
    return (this.#clock.timers?.get(id)?.callAt ?? Number.NaN) - epochMs;
  }

  /** Ends every timer of a life that has died. */
  clearAllOf(owner: SimulatedProcess): void {
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

  uninstall(): void {
    this.#timers.clear();
    this.#clock.uninstall();
    this.#restore();
  }

  /** The heap is fake-timers' own business: if a release moves it, a run must not end early and pass. */
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

  /** What Node's `Timeout` can do and fake-timers' cannot, and a `refresh` that keeps the books. */
  #extend(handle: FakeTimeout, timer: OwnedTimer): void {
    const refresh = handle.refresh;
    handle[owner] = timer;
    timer.handle = handle;
    handle.refresh = () => {
      // What was cleared stays so, and a host that has died starts nothing any more.
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

  /**
   * fake-timers' global functions call the methods of its clock by name, so replacing those methods governs the
   * globals, `node:timers` and `node:timers/promises` alike.
   */
  #takeOver(): void {
    const clock = this.#clock;
    const { setTimeout, setInterval, setImmediate } = clock;
    const { clearTimeout, clearInterval, clearImmediate } = clock;
    const own = (
      kind: PendingTimer['kind'],
      schedule: (fire: () => void, delayMs: number) => FakeTimeout,
      callback: unknown,
      delay: unknown,
      args: unknown[],
    ) => {
      assertCallback(callback);
      const owner = currentProcess();
      const delayMs = kind === 'immediate' ? 0 : toDelayMs(delay);
      const timer = new OwnedTimer(
        this,
        kind,
        owner,
        callback,
        delayMs,
        args,
        this.observer.world.event,
      );
      const handle = schedule(() => timer.fire(), delayMs);
      timer.id = Number(handle);
      if (owner !== undefined && !owner.alive) this.#clear(timer.id, timer);
      else this.#timers.set(timer.id, timer);
      if (kind !== 'immediate') this.#extend(handle, timer);
      return handle;
    };
    const end = (handle: unknown, immediate: boolean, clear: () => void) => {
      const timer = this.#timers.get(Number(handle)) ?? ownerOf(handle);
      // Node ignores the handle of the other kind; fake-timers throws.
      if (timer !== undefined && (timer.kind === 'immediate') !== immediate) return;
      if (timer === undefined) clear();
      else this.#clear(timer.id, timer);
    };
    const methods = {
      setTimeout: (callback: unknown, delay?: unknown, ...args: unknown[]) =>
        own(
          'timeout',
          (fire, ms) => handleOf(setTimeout.call(clock, fire, ms)),
          callback,
          delay,
          args,
        ),
      setInterval: (callback: unknown, delay?: unknown, ...args: unknown[]) =>
        own(
          'interval',
          (fire, ms) => handleOf(setInterval.call(clock, fire, ms)),
          callback,
          delay,
          args,
        ),
      setImmediate: (callback: unknown, ...args: unknown[]) =>
        own('immediate', (fire) => handleOf(setImmediate.call(clock, fire)), callback, 0, args),
      clearTimeout: (handle: Handle) => end(handle, false, () => clearTimeout.call(clock, handle)),
      clearInterval: (handle: Handle) =>
        end(handle, false, () => clearInterval.call(clock, handle)),
      clearImmediate: (handle: NodeJS.Immediate) =>
        end(handle, true, () => clearImmediate.call(clock, handle)),
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
          const wallClock = currentProcess()?.host.wallClock;
          return clock.now + (wallClock?.offsetMs(clock.now - epochMs) ?? 0);
        },
      },
    });
  }
}

/** Of a handle whose timer has fired, too. */
function ownerOf(handle: unknown): OwnedTimer | undefined {
  return typeof handle === 'object' && handle !== null ? (handle as FakeTimeout)[owner] : undefined;
}

/** On Node fake-timers returns objects, whatever its types say for browsers. */
function handleOf(handle: unknown): FakeTimeout {
  return handle as FakeTimeout;
}

/** Node's rule: what is not a number from 1 to 2^31 - 1 becomes 1 (`timers.md`). */
function toDelayMs(delay: unknown): number {
  const ms = Math.trunc(Number(delay));
  return ms >= 1 && ms <= 2_147_483_647 ? ms : 1;
}

function assertCallback(callback: unknown): asserts callback is Callback {
  if (typeof callback === 'function') return;
  const error: NodeJS.ErrnoException = new TypeError(
    `The "callback" argument must be of type function. Received ${String(callback)}`,
  );
  error.code = 'ERR_INVALID_ARG_TYPE';
  throw error;
}

/** fake-timers keys immediates by number, as it keys all timers; its types say otherwise. */
function asImmediate(id: number): NodeJS.Immediate {
  return Object.assign(Object.create(null), { [Symbol.toPrimitive]: () => id });
}

function definePromisified(name: 'setTimeout' | 'setImmediate', value: Callback): void {
  Object.defineProperty(globalThis[name], promisify.custom, { configurable: true, value });
}

/** Remembers what fake-timers replaces, down to the property descriptors. */
function rememberGlobals(): () => void {
  const descriptors = governed.map(
    (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
  );
  const hrtime = Object.getOwnPropertyDescriptor(process, 'hrtime');
  return () => {
    for (const [name, descriptor] of descriptors) {
      if (descriptor !== undefined) Object.defineProperty(globalThis, name, descriptor);
    }
    if (hrtime !== undefined) Object.defineProperty(process, 'hrtime', hrtime);
  };
}
