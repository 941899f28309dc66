/**
 * The messages that wait for a thread without a connection (G11): kept, replayed once, or dropped, and never
 * silently. Owns the events and the expiry; made with the first message that waits.
 */
import type { ConnectionPort } from '../internal/connection-port.ts';
import type { DueEntry } from '../internal/due-queue.ts';
import type { Subject } from '../internal/manager-port.ts';
import { kSubject } from '../internal/symbols.ts';
import type { ResolvedRegistryOptions } from '../options/registry-options.ts';
import type { EventDispatcher } from '../telemetry/event-dispatcher.ts';
import type { DropReason } from '../telemetry/reasons.ts';
import { bytesOf, type Dropped, MessageStore, type SendData } from './message-store.ts';
import type { Expiring, OutboxExpiry } from './outbox-expiry.ts';

/** What an outbox needs of its registry. */
export interface OutboxHost {
  readonly options: ResolvedRegistryOptions;
  readonly dispatcher: EventDispatcher;
  readonly outboxExpiry: OutboxExpiry;
}

export class Outbox implements Expiring {
  readonly #host: OutboxHost;
  readonly #subject: Subject;
  readonly #store: MessageStore;
  #due: DueEntry<Expiring> | undefined;

  constructor(host: OutboxHost, subject: Subject) {
    this.#host = host;
    this.#subject = subject;
    this.#store = new MessageStore(host.options);
  }

  get size(): number {
    return this.#store.size;
  }

  get bytes(): number {
    return this.#store.bytes;
  }

  get oldestAtMs(): number | undefined {
    return this.#store.oldestAtMs;
  }

  keep(data: SendData): void {
    const bytes = bytesOf(data);
    this.dropExpired();
    if (!this.#store.canHold(bytes)) {
      this.#dropped('outbox-full', { messages: 1, bytes });
      return;
    }
    this.#dropped('outbox-full', this.#store.makeRoom(bytes));
    this.#store.add(data, bytes);
    this.#track();
    const queued = { bytes, queuedMessages: this.size, queuedBytes: this.bytes };
    this.#host.dispatcher.record('messageQueued', { ...this.#subject[kSubject](), ...queued });
  }

  /** Sends the messages once, in order, and before any newer one: in the step in which the connection opens. */
  replay(connection: ConnectionPort): void {
    this.dropExpired();
    const { bytes } = this;
    const messages = this.#store.take();
    this.#track();
    if (messages.length === 0) return;
    for (const { data } of messages) connection.socket.send(data);
    this.#host.dispatcher.record('messagesReplayed', {
      ...this.#subject[kSubject](),
      connectionId: connection.id,
      messages: messages.length,
      bytes,
    });
  }

  dropExpired(): number {
    const expired = this.#store.dropExpired();
    this.#dropped('outbox-expired', expired);
    this.#track();
    return expired.messages;
  }

  /** Drops all messages, since the manager closes and no connection will open any more. */
  abandon(): void {
    const left: Dropped = { messages: this.size, bytes: this.bytes };
    this.#store.take();
    this.#track();
    this.#dropped('manager-removed', left);
  }

  /** The outbox is tracked for the sweep exactly while it holds a message that will expire. */
  #track(): void {
    const { outboxExpiry, options } = this.#host;
    const { oldestAtMs } = this;
    const expiresAtMs =
      oldestAtMs === undefined ? Number.POSITIVE_INFINITY : oldestAtMs + options.outboxMaxAgeMs;
    if (this.#due?.place !== -1 && this.#due?.dueMs === expiresAtMs) return;
    if (this.#due !== undefined) outboxExpiry.untrack(this.#due);
    this.#due =
      expiresAtMs === Number.POSITIVE_INFINITY ? undefined : outboxExpiry.track(this, expiresAtMs);
  }

  #dropped(reason: DropReason, dropped: Dropped): void {
    reportDropped(this.#host.dispatcher, this.#subject, reason, dropped);
  }
}

export function reportDropped(
  dispatcher: EventDispatcher,
  subject: Subject,
  reason: DropReason,
  { messages, bytes }: Dropped,
  connectionId?: string,
): void {
  if (messages === 0) return;
  dispatcher.record('messagesDropped', {
    ...subject[kSubject](),
    reason,
    messages,
    bytes,
    ...(connectionId === undefined ? {} : { connectionId }),
  });
}
