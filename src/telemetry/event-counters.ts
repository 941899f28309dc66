/**
 * Counts what happened: of each event how many there were, and of some how many of each kind. Owns the
 * counters and nothing else; each equals what a listener to all events would have counted (G14).
 */
import type { DispatchedEvents } from './event-map.ts';

export type Entry = {
  readonly [K in keyof DispatchedEvents]: {
    readonly name: K;
    readonly event: DispatchedEvents[K][0];
  };
}[keyof DispatchedEvents];

/** What some events are counted by besides their name. */
export type KindOf<K extends keyof DispatchedEvents> = K extends
  | 'managerRemoved'
  | 'messagesDropped'
  ? DispatchedEvents[K][0]['reason']
  : K extends 'connectionClosed' | 'connectionExpelled'
    ? DispatchedEvents[K][0]['cause']
    : K extends 'cleanupStarted' | 'cleanupFinished'
      ? DispatchedEvents[K][0]['kind']
      : K extends 'messagesReplayed'
        ? 'messages'
        : undefined;

class Counter {
  total = 0;
  readonly kinds = new Map<string, number>();
}

export class EventCounters {
  readonly #counters = new Map<keyof DispatchedEvents, Counter>();

  of<K extends keyof DispatchedEvents>(name: K, kind?: KindOf<K>): number {
    const counter = this.#counters.get(name);
    if (counter === undefined) return 0;
    return kind === undefined ? counter.total : (counter.kinds.get(kind) ?? 0);
  }

  count(entry: Entry): void {
    switch (entry.name) {
      case 'managerRemoved':
        this.add(entry.name, entry.event.reason);
        break;
      case 'connectionClosed':
      case 'connectionExpelled':
        this.add(entry.name, entry.event.cause);
        break;
      case 'cleanupStarted':
      case 'cleanupFinished':
        this.add(entry.name, entry.event.kind);
        break;
      case 'messagesReplayed':
        this.add(entry.name, 'messages', entry.event.messages);
        break;
      case 'messagesDropped':
        this.add(entry.name, entry.event.reason, entry.event.messages);
        break;
      default:
        this.add(entry.name, undefined);
    }
  }

  /** Counts one event, which was about `number` things of its kind. */
  add<K extends keyof DispatchedEvents>(name: K, kind: KindOf<K>, number = 1): void {
    let counter = this.#counters.get(name);
    if (counter === undefined) {
      counter = new Counter();
      this.#counters.set(name, counter);
    }
    counter.total += 1;
    if (kind !== undefined) counter.kinds.set(kind, (counter.kinds.get(kind) ?? 0) + number);
  }
}
