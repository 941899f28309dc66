/** The user of a request: both servers that are measured read it from the same header. */
import type { IncomingMessage } from 'node:http';

export function userOf(request: IncomingMessage): string | undefined {
  return request.headers.authorization?.replace(/^Bearer /, '');
}
