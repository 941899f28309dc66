/** The audit metadata of a context: where its request came from. People read it; no decision depends on it. */
import { Socket } from 'node:net';
import { InvalidContextError } from '../errors.ts';
import { showValue } from './ids.ts';

/** What audit metadata reads from a request. A Node `IncomingMessage` fits. */
export interface AuditableRequest {
  readonly url?: string | undefined;
  readonly socket?: { readonly remoteAddress?: string | undefined } | null | undefined;
}

/** Where a context came from. Read by people; no decision depends on it. */
export interface ContextAudit {
  /** Wall-clock time, ISO 8601. */
  readonly createdAt: string;
  /** Whether the thread id was derived from user and client or claimed by the caller. */
  readonly how: 'derived' | 'claimed';
  readonly source: 'websocket-request' | 'child';
  /** Whether the client id was sent by the client or made for it. */
  readonly clientId: 'given' | 'made';
  /**
   * For a Node socket it is read when the audit is first read, and known only while the socket is connected: reading
   * it costs a system call, and hardly any connection is ever audited.
   */
  readonly remoteAddress?: string;
  readonly path?: string;
  readonly operation?: string;
  readonly parentRequestId?: string;
}

/** The address of the peer, or the socket that knows it. */
export type Peer = string | WeakRef<Socket> | undefined;

export function peerOf(request: AuditableRequest | undefined): Peer {
  const socket = request?.socket;
  // Weakly, or a context that is kept would keep its socket.
  if (socket instanceof Socket) return new WeakRef(socket);
  return auditedText('socket.remoteAddress', socket?.remoteAddress);
}

/** The path of a request's URL. */
export function withoutQuery(url: string | undefined): string | undefined {
  // Stryker disable next-line UnaryOperator: a part of no text is no text
  const end = url?.indexOf('?') ?? -1;
  // Stryker disable next-line OptionalChaining: the check is for the compiler alone; the value is never undefined here
  return end === -1 ? url : url?.slice(0, end);
}

export function addressOf(peer: Peer): string | undefined {
  return peer instanceof WeakRef ? peer.deref()?.remoteAddress : peer;
}

/** @throws {InvalidContextError} */
export function auditedText(name: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new InvalidContextError(
    'request',
    `${name} of the request must be a string, got ${showValue(value)}`,
  );
}
