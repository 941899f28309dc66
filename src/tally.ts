/**
 * Counts what happened: of each event how many there were, and of some how many of each kind. Owns the
 * counters and nothing else; each equals what a listener to all events would have counted (G14).
 */
import type { RegistryEvents } from './events.ts';

export type Entry = {
  readonly [K in keyof RegistryEvents]: { readonly name: K; readonly event: RegistryEvents[K][0] };
}[keyof RegistryEvents];

export type TallyKey = keyof RegistryEvents | `${keyof RegistryEvents}.${string}`;

export class Tally {
  readonly #counts = new Map<TallyKey, number>();

  of(key: TallyKey): number {
    return this.#counts.get(key) ?? 0;
  }

  count(entry: Entry): void {
    this.#add(entry.name, 1);
    switch (entry.name) {
      case 'managerRemoved':
        this.#add(`managerRemoved.${entry.event.reason}`, 1);
        break;
      case 'connectionClosed':
        this.#add(`connectionClosed.${entry.event.cause}`, 1);
        break;
      case 'connectionExpelled':
        this.#add(`connectionExpelled.${entry.event.cause}`, 1);
        break;
      case 'cleanupStarted':
      case 'cleanupFinished':
        this.#add(`${entry.name}.${entry.event.kind}`, 1);
        break;
      case 'messagesReplayed':
        this.#add('messagesReplayed.messages', entry.event.messages);
        break;
      case 'messagesDropped':
        this.#add(`messagesDropped.${entry.event.reason}`, entry.event.messages);
        break;
      default:
    }
  }

  #add(key: TallyKey, number: number): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + number);
  }
}
