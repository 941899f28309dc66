/**
 * Publishes events on `node:diagnostics_channel`, for tools that watch a process without knowing its
 * registries: `leaktight:` and the event name in kebab case, e.g. `leaktight:manager-created`. The message
 * is the event object. An error that a subscriber throws is reported by Node, as an uncaught exception.
 */
import { type Channel, channel } from 'node:diagnostics_channel';
import type { Entry } from './event-counters.ts';

export class Channels {
  // Node forgets a channel that no code holds, with its subscribers.
  readonly #channels = new Map<Entry['name'], Channel>();

  hasSubscribers(name: Entry['name']): boolean {
    return this.#of(name).hasSubscribers;
  }

  publish({ name, event }: Entry): void {
    const known = this.#of(name);
    if (known.hasSubscribers) known.publish(event);
  }

  #of(name: Entry['name']): Channel {
    return this.#channels.get(name) ?? this.#open(name);
  }

  #open(name: Entry['name']): Channel {
    const opened = channel(channelName(name));
    this.#channels.set(name, opened);
    return opened;
  }
}

function channelName(name: string): string {
  return `leaktight:${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
