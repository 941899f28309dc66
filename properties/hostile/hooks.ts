/** The hooks of the server that is visited: quick, slow, failing and never answering, as the request asks for. */
import type { IncomingMessage } from 'node:http';
import type { Identity, MaybePromise } from '../../src/index.ts';

/** Tokens that make `authenticate` behave in a way of its own, and what the client is answered then. */
export const oddTokens: ReadonlyMap<string, number> = new Map([
  ['slow', 101],
  ['never', 503],
  ['throws', 503],
  ['rejects', 503],
  ['nobody', 401],
  ['number', 503],
]);

export const evilOrigin = 'http://evil.example';
export const slowOrigin = 'http://slow.example';
export const forbiddenThread = 'forbidden';

const slowMs = 20;

export function authenticate(request: IncomingMessage): MaybePromise<Identity | null> {
  const token = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  switch (token) {
    case undefined:
    case 'nobody':
      return null;
    case 'slow':
      return later({ userId: 'slow' });
    case 'never':
      return new Promise(() => {});
    case 'throws':
      throw new Error('the token store is down');
    case 'rejects':
      return Promise.reject(new Error('the token store is down'));
    case 'number':
      return { userId: 7 as unknown as string };
    default:
      return { userId: decodeURIComponent(token) };
  }
}

export function checkOrigin(origin: string | undefined): MaybePromise<boolean> {
  return origin === slowOrigin ? later(true) : origin !== evilOrigin;
}

export function authorizeThread(_userId: string, threadId: string): boolean {
  return threadId !== forbiddenThread;
}

function later<T>(value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(() => resolve(value), slowMs));
}
