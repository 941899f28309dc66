/** Identity as the guarantees define it, computed independently: an oracle must not use the code that it checks. */
import { createHash } from 'node:crypto';

/** G1: the thread id of a user's client that claims none. */
export function derivedThreadId(userId: string, websocketClientId: string): string {
  const hex = createHash('sha256')
    .update(JSON.stringify(['v1', userId, websocketClientId]))
    .digest('hex');
  return `thread_websocket_session_${hex.slice(0, 32)}_${hex.slice(32)}`;
}

/** G2: `user_id:thread_id`, with `%` and `:` escaped in both. */
export function isolationKeyOf(userId: string, threadId: string): string {
  const escaped = (id: string) => id.replaceAll('%', '%25').replaceAll(':', '%3A');
  return `${escaped(userId)}:${escaped(threadId)}`;
}
