/** How the kernel tells a process something about one end of a connection. */
import type { Endpoint } from '../ports.ts';

/** Does now, or when the event loop of that end goes on, what its process is to hear. */
export function deliver(
  { owner, connection }: Pick<Endpoint, 'owner' | 'connection'>,
  tell: () => void,
): void {
  if (owner.pause === undefined) tell();
  else owner.pause.addDelivery(connection.ordinal, tell);
}
