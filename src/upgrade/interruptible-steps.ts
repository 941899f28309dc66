/**
 * Work in steps that may have to wait, and that the end of a socket, a deadline or a detach interrupts. Work that
 * need not wait is done in one go: an upgrade whose checks answer at once is a connection in the tick in which it
 * came, and costs no promise. Owns the waiting; what the steps are is the upgrade's business.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type EventDispatcher, isThenable } from '../telemetry/event-dispatcher.ts';
import type { MaybePromise, ResolvedAttachOptions } from './attach-options.ts';
import { CHECK_FAILED, Refusal } from './refusal.ts';
import { streamsOf } from './socket-guard.ts';

/** Yields what it waits for, and gets back what that was fulfilled with; a rejection is thrown at the `yield`. */
export type Steps<T> = Generator<PromiseLike<unknown>, T, unknown>;

/** The result at once when no step had to wait, else a promise of it. */
export function runSteps<T>(steps: Steps<T>): T | Promise<T> {
  const first = steps.next();
  return first.done === true ? first.value : continueSteps(steps, first.value);
}

async function continueSteps<T>(steps: Steps<T>, first: PromiseLike<unknown>): Promise<T> {
  let awaited = first;
  for (;;) {
    let go: () => IteratorResult<PromiseLike<unknown>, T>;
    try {
      const value = await awaited;
      go = () => steps.next(value);
    } catch (error) {
      go = () => steps.throw(error);
    }
    const step = go();
    if (step.done === true) return step.value;
    awaited = step.value;
  }
}

/** A promise of a hook, of which the waiter can let go. */
export interface Interruptible<T> {
  readonly promise: Promise<T>;
  /** Rejects with `cause`, unless it has settled already. */
  interrupt(cause: unknown): void;
}

/**
 * After an interruption `awaited`, even if it never settles, holds nothing of the waiter's.
 *
 * @param late Called with what `awaited` rejects with after an interruption.
 */
export function interruptible<T>(
  awaited: PromiseLike<T>,
  late: (error: unknown) => void = ignore,
): Interruptible<T> {
  let settle: { resolve(value: T): void; reject(cause: unknown): void } | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  const interrupt = (cause: unknown): void => {
    settle?.reject(cause);
    settle = undefined;
  };
  // Not its own `then`, which may call back twice, throw afterwards, or give one more promise.
  Promise.resolve(awaited).then(
    (value) => {
      settle?.resolve(value);
      settle = undefined;
    },
    (error: unknown) => {
      if (settle === undefined) late(error);
      else interrupt(error);
    },
  );
  return { promise, interrupt };
}

function ignore(): void {}

/** The cause of an interruption when the socket is gone: no answer can reach the peer. */
export const socketDied = Symbol('socketDied');

/** The steps of one upgrade extend this class, since an object of its own for the waiting would cost one per upgrade. */
export class InterruptibleSteps {
  protected readonly options: ResolvedAttachOptions;
  protected readonly request: IncomingMessage;
  protected readonly socket: Duplex;
  /** The authenticated user, once it is known. */
  protected userId: string | undefined;
  /** Why the work was interrupted; undefined while it was not. */
  protected cause: unknown;
  #interrupt: ((cause: unknown) => void) | undefined;
  #checkTimer: NodeJS.Timeout | undefined;
  #watching = false;

  constructor(options: ResolvedAttachOptions, request: IncomingMessage, socket: Duplex) {
    this.options = options;
    this.request = request;
    this.socket = socket;
  }

  /** Calls a hook of the application. What it throws is reported, and the client is refused with 503. */
  protected *ask<T>(hook: string, call: () => MaybePromise<T>): Steps<T> {
    if (this.cause !== undefined) throw this.cause;
    try {
      const answer = call();
      if (!isThenable(answer)) return answer;
      this.startCheckTimer();
      // A late failure is reported too: a token store that fails slowly would be seen nowhere else.
      const late = lateFailure(this.options.registry.dispatcher, hook, this.userId);
      return yield* this.wait(answer, late);
    } catch (error) {
      if (this.cause !== undefined) throw this.cause;
      throw this.failed(hook, error, CHECK_FAILED);
    }
  }

  /** Reports what failed on the server, and makes the refusal for it. */
  protected failed(hook: string, error: unknown, reason: string): Refusal {
    this.options.registry.dispatcher.hookFailed(hook, error, this.userId);
    return new Refusal(503, reason);
  }

  protected *wait<T>(awaited: PromiseLike<T>, late?: (error: unknown) => void): Steps<T> {
    this.#watch();
    // Also after an interruption: a rejection that is not awaited would be an unhandled one.
    const { promise, interrupt } = interruptible(awaited, late);
    if (this.cause !== undefined) interrupt(this.cause);
    this.#interrupt = interrupt;
    try {
      return (yield promise) as T;
    } finally {
      this.#interrupt = undefined;
    }
  }

  protected abort(cause: unknown): void {
    this.cause ??= cause;
    this.#interrupt?.(this.cause);
  }

  /** One bound for all checks together, and no timer when none of them takes time. */
  protected startCheckTimer(): void {
    this.#checkTimer ??= setTimeout(
      () => this.abort(new Refusal(503, 'The checks took too long')),
      this.options.authenticationTimeoutMs,
    );
  }

  protected stopCheckTimer(): void {
    clearTimeout(this.#checkTimer);
    this.#checkTimer = undefined;
  }

  protected stopWaiting(): void {
    this.stopCheckTimer();
    this.#interrupt = undefined;
  }

  /** Listens for the end of the socket, from the first wait on: before that nothing can have happened to it. */
  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    for (const stream of streamsOf(this.request, this.socket)) {
      if (stream.closed) this.abort(socketDied);
      else stream.on('close', this.#onClose);
    }
  }

  protected unwatch(): void {
    if (!this.#watching) return;
    for (const stream of streamsOf(this.request, this.socket)) stream.off('close', this.#onClose);
  }

  readonly #onClose = (): void => this.abort(socketDied);
}

/** Holds nothing of the upgrade, since a hook may keep it for as long as it takes. */
function lateFailure(
  dispatcher: EventDispatcher,
  hook: string,
  userId: string | undefined,
): (error: unknown) => void {
  return (error) => dispatcher.hookFailed(hook, error, userId);
}
