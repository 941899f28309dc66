/** Sends one message to all connections of a manager. Owns what a failing connection does to the others: nothing. */
import type { Subject } from '../internal/manager-port.ts';
import { kOffer } from '../internal/symbols.ts';
import type { EventDispatcher } from '../telemetry/event-dispatcher.ts';
import type { SendData } from './message-store.ts';

/** What became of a message that was offered to a connection. */
export type Reception = 'sent' | 'dropped' | 'closed';

/** What it needs of a connection. */
interface Recipient {
  [kOffer](data: SendData): Reception;
}

/**
 * Returns to how many connections the message was sent; undefined when none was open, so that the message has to wait.
 * Throws what a connection threw when no other one was sent the message: it is a mistake of the caller then.
 */
export function sendToEach(
  dispatcher: EventDispatcher,
  subject: Subject,
  connections: Iterable<Recipient>,
  data: SendData,
): number | undefined {
  let sent = 0;
  let anyOpen = false;
  let failure: { readonly error: unknown } | undefined;
  for (const connection of connections) {
    try {
      const reception = connection[kOffer](data);
      if (reception === 'sent') sent += 1;
      if (reception !== 'closed') anyOpen = true;
    } catch (error) {
      // A connection that fails must not keep the message from the others.
      failure = { error };
    }
  }
  if (failure === undefined) return anyOpen ? sent : undefined;
  if (sent === 0) throw failure.error;
  dispatcher.hookFailed('socket', failure.error, subject.context.userId);
  return sent;
}
