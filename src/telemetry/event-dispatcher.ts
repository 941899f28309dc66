/**
 * Delivers events in order: counts every event, writes its log line, calls the listeners and publishes it. Owns
 * delivery; decides nothing. Whatever a listener or the logger does, the registry carries on (G16).
 */

import type { Logger } from '../options/option-checks.ts';
import { Channels } from './diagnostics-channels.ts';
import { type Entry, EventCounters, type KindOf } from './event-counters.ts';
import type { DispatchedEvents } from './event-map.ts';
import { logLine } from './log-lines.ts';

/** What the dispatcher needs of the emitter on which listeners are registered. */
export interface EventListeners {
  listenerCount(name: keyof DispatchedEvents): number;
  rawListeners(name: keyof DispatchedEvents): readonly ((event: never) => unknown)[];
}

export class EventDispatcher {
  readonly #emitter: EventListeners;
  readonly #logger: Logger | undefined;
  #queue: Entry[] = [];
  #depth = 0;
  #delivering = false;
  readonly #channels = new Channels();
  readonly counters = new EventCounters();

  constructor(emitter: EventListeners, logger: Logger | undefined) {
    this.#emitter = emitter;
    this.#logger = logger;
  }

  /**
   * Opens a change of state. Events recorded until the matching `leave()` are delivered then, so that
   * a listener that calls back into the registry never finds it half changed.
   */
  enter(): void {
    this.#depth += 1;
  }

  leave(): void {
    this.#depth -= 1;
    if (this.#depth === 0) this.#deliver();
  }

  /** `enter` and `leave` around `change`. */
  run<T>(change: () => T): T {
    this.enter();
    try {
      return change();
    } finally {
      this.leave();
    }
  }

  record<K extends keyof DispatchedEvents>(name: K, event: DispatchedEvents[K][0]): void {
    // A name and an event of one K make an entry, which the compiler cannot see for a K that is open.
    this.#queue.push({ name, event } as Entry);
    if (this.#depth === 0) this.#deliver();
  }

  /**
   * `record` for what happens with every connection: an event without a listener is counted and not made. It is
   * counted at once then, also while other events wait for their delivery: no listener can see the difference.
   */
  note<K extends keyof DispatchedEvents>(
    name: K,
    kind: KindOf<K>,
    describe: () => DispatchedEvents[K][0],
  ): void {
    if (this.#isHeard(name)) this.record(name, describe());
    else this.counters.add(name, kind);
  }

  #isHeard(name: keyof DispatchedEvents): boolean {
    return (
      this.#logger !== undefined ||
      this.#emitter.listenerCount(name) > 0 ||
      this.#channels.hasSubscribers(name)
    );
  }

  /** Reports a failure of code outside the registry. */
  hookFailed(hook: string, error: unknown, userId?: string): void {
    this.record('hookError', { hook, error, ...(userId === undefined ? {} : { userId }) });
  }

  #deliver(): void {
    // A listener that causes an event finds a delivery under way: the event waits its turn, and all
    // listeners see all events in one order.
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      while (this.#queue.length > 0) {
        const entries = this.#queue;
        this.#queue = [];
        for (const entry of entries) {
          this.counters.count(entry);
          this.#log(entry);
          this.#call(entry);
          this.#channels.publish(entry);
        }
      }
    } finally {
      this.#delivering = false;
    }
  }

  #log(entry: Entry): void {
    if (this.#logger === undefined) return;
    // The logger's own failure is not given to the logger.
    if (entry.name === 'hookError' && entry.event.hook === 'logger') return;
    const line = logLine(entry.name, entry.event);
    if (line === undefined) return;
    const failed = (error: unknown): void => this.hookFailed('logger', error);
    try {
      onRejection(this.#logger[line.level](line.fields, line.message), failed);
    } catch (error) {
      failed(error);
    }
  }

  #call(entry: Entry): void {
    const { name, event } = entry;
    if (this.#emitter.listenerCount(name) === 0) {
      // Without a listener and a logger the error would be lost, and never be fixed.
      if (entry.name === 'hookError' && this.#logger === undefined) {
        warn(entry.event.hook, entry.event.error);
      }
      return;
    }
    for (const listener of this.#emitter.rawListeners(name)) {
      try {
        const returned: unknown = Reflect.apply(listener, this.#emitter, [event]);
        onRejection(returned, (error) => this.#listenerFailed(name, error));
      } catch (error) {
        this.#listenerFailed(name, error);
      }
    }
  }

  #listenerFailed(name: keyof DispatchedEvents, error: unknown): void {
    // A `hookError` listener that throws would be called with its own failure for ever.
    const hook = `listener:${name}`;
    if (name === 'hookError') warn(hook, error);
    else this.hookFailed(hook, error);
  }
}

/** For any thrown value: one that cannot even be shown must not stop the delivery of events. */
function warn(hook: string, error: unknown): void {
  process.emitWarning(`The hook ${hook} failed`, {
    type: 'LeaktightWarning',
    // Not the error itself: Node would read it later, where no code catches what that throws, and show no stack.
    detail: shown(error),
  });
}

function shown(error: unknown): string {
  try {
    return String(error instanceof Error ? error.stack : error);
  } catch {
    return 'with something that cannot be shown';
  }
}

/** Calls `failed` when a hook returned a promise, of whatever kind, that rejects. */
export function onRejection(returned: unknown, failed: (error: unknown) => void): void {
  if (isThenable(returned)) Promise.resolve(returned).then(undefined, failed);
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
