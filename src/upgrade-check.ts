/**
 * Whether a request is a WebSocket upgrade at all, and what it says of its client. Pure. `ws` checks
 * again later; here it is checked first, so that a bad request costs no authentication and no manager.
 */
import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

/** 16 bytes in base64 (RFC 6455, 4.1). */
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** The refusal that a malformed upgrade gets; undefined when it is in order (RFC 6455, 4.2.1). */
export function findUpgradeFault(request: IncomingMessage): Refusal | undefined {
  const { headers, method } = request;
  if (method !== 'GET') return new Refusal(400, 'The method of an upgrade must be GET');
  if (headers.upgrade?.toLowerCase() !== 'websocket') {
    return new Refusal(400, 'The Upgrade header must be websocket');
  }
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) {
    return new Refusal(400, 'The Sec-WebSocket-Key header is missing or invalid');
  }
  // 8 is the last draft, which `ws` still speaks; 13 is RFC 6455.
  const version = headers['sec-websocket-version'];
  if (version !== '13' && version !== '8') {
    return new Refusal(426, 'The Sec-WebSocket-Version must be 13', {
      'Sec-WebSocket-Version': '13',
    });
  }
  return undefined;
}

/** The origin as the browser states it; version 8 named the header differently. */
export function originOf(request: IncomingMessage): string | undefined {
  const { headers } = request;
  if (headers['sec-websocket-version'] !== '8') return headers.origin;
  const origin = headers['sec-websocket-origin'];
  return Array.isArray(origin) ? origin[0] : origin;
}

export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? '';
}

/** The ids that a client may name in the query string; the first when one is given twice. */
export function queriedIds(request: IncomingMessage): {
  readonly websocketClientId: string | undefined;
  readonly threadId: string | undefined;
} {
  const url = request.url ?? '';
  const start = url.indexOf('?');
  if (start === -1) return { websocketClientId: undefined, threadId: undefined };
  const query = new URLSearchParams(url.slice(start + 1));
  return {
    websocketClientId: query.get('websocketClientId') ?? undefined,
    threadId: query.get('threadId') ?? undefined,
  };
}
