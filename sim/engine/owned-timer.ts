/**
 * A timer with an owner: it runs in the asynchronous context in which it was made (as Node's does), counts as its
 * owner's, carries what caused it, and waits while the event loop of its owner stands still.
 */
import { AsyncResource } from 'node:async_hooks';
import type { Owner } from './owner.ts';
import type { EventKind } from './trace.ts';

export type Callback = (...args: unknown[]) => unknown;

/** A timer that waits, for the leak oracles. */
export interface PendingTimer {
  readonly kind: 'timeout' | 'interval' | 'immediate';
  readonly owner: Owner | undefined;
  readonly ordinal: number;
  readonly delayMs: number;
  /** On the clock of the run. */
  readonly dueMs: number;
  readonly callback: string;
}

/** The object that fake-timers' scheduling methods return. */
export interface FakeTimeout {
  refresh(): unknown;
  close?(): unknown;
  [Symbol.dispose]?(): void;
  [timerOf]?: OwnedTimer;
}

/** The key of a handle under which it keeps its timer. */
export const timerOf = Symbol('timer');

/** The timer of a handle, also of one whose timer has fired. */
export function timerBehind(handle: unknown): OwnedTimer | undefined {
  return typeof handle === 'object' && handle !== null
    ? (handle as FakeTimeout)[timerOf]
    : undefined;
}

/** What a timer needs of the clock that holds it. */
export interface TimerClock {
  dueMs(id: number): number;
  beginCallback(): void;
  forget(timer: OwnedTimer): void;
  /** A timer begins to run. `cause` is the event during which it was made. */
  timerFires(kind: EventKind, owner: Owner | undefined, ordinal: number, cause: number): void;
}

export class OwnedTimer extends AsyncResource implements PendingTimer {
  readonly kind: PendingTimer['kind'];
  readonly owner: Owner | undefined;
  readonly ordinal: number;
  readonly delayMs: number;
  readonly #clock: TimerClock;
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
    clock: TimerClock,
    kind: PendingTimer['kind'],
    owner: Owner | undefined,
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
    // A handle that outlived its process can still be refreshed through a stray reference, and does nothing.
    if (this.owner !== undefined && !this.owner.alive) return;
    const kind = this.kind === 'immediate' ? 'immediate' : 'timer';
    this.#clock.timerFires(kind, this.owner, this.ordinal, this.#cause);
    this.runInAsyncScope(this.#callback, undefined, ...this.#args);
  }

  #fireLate(): void {
    // Another late timer, run before this one, may have cleared it or started it anew.
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
