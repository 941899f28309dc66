/** The tables of the options of `attach()` and `shutdown()`, in the form of `option-table.ts`. */
import type { Server } from 'node:http';
import type { WebSocketServer } from 'ws';
import { InvalidOptionError } from '../errors.ts';
import { showValue } from '../identity/ids.ts';
import { checkFunction } from './option-checks.ts';
import { choice, count, duration, hook, type Known, optional, required } from './option-rows.ts';

/** Options of `attach(registry, options)`, in the order in which they are checked. */
export const ATTACH_OPTIONS = {
  webSocketServer: required(
    'a WebSocketServer with `noServer: true`',
    'The server of `ws` that answers the handshakes. Other code may use it too: only upgrades that this attachment takes are touched.',
    checkWebSocketServer,
  ),
  server: required(
    'an `http.Server` or `https.Server`',
    'The server whose upgrades are answered.',
    checkServer,
  ),
  authenticate: required(
    'a function',
    'Gets the request and returns the identity of its user: `{ userId, websocketClientId?, threadId?, connectionId? }`. `null`, `undefined` or `false` is refused with 401; an error that it throws is reported as `hookError` and refused with 503. It may be asynchronous.',
    checkFunction,
  ),
  checkOrigin: hook(
    'every origin is allowed',
    'Gets the origin and the request. Anything but `true` is refused with 403. It may be asynchronous.',
  ),
  authorizeThread: hook(
    'every thread id is allowed',
    "Gets a user id and a thread id that was *claimed* (a derived one is the client's own). Anything but `true` is refused with 403. Without it a claimed id gives the user a manager of its own, since the key contains the user. It may be asynchronous.",
  ),
  onConnection: hook(
    'none',
    'Called with the connection and the request in the tick in which the connection opens, before its first message. An error that it throws is reported as `hookError`; the connection stays.',
  ),
  refuseWith: choice(
    ['http', 'close'],
    'How a user at its limit is refused: with an HTTP status, or by accepting the upgrade and closing it with 1013, which a browser can read. Refusals by `maxConnectionsPerManager` and `duplicateConnection` are always sent as 1013, with the code of the error as reason.',
  ),
  authenticationTimeoutMs: duration(
    5_000,
    'Milliseconds that origin check, authentication and `authorizeThread` may take together. Then the upgrade is refused with 503.',
    1,
  ),
  path: optional(
    'every upgrade',
    'a path without a query string, or a function',
    'Which upgrades this attachment takes. Other upgrades are left alone when other code listens for upgrades, and answered with 404 when none does.',
    checkPath,
  ),
  headersTimeoutMs: duration(
    10_000,
    'Milliseconds from the `connection` event on (over TLS: from the end of its handshake) in which the headers of a first request must be complete, else 408. 0 switches it off. It is not used when the `headersTimeout` of the server is shorter.',
  ),
};

/** Options of `registry.shutdown(options)`. The defaults are options of the registry. */
export const SHUTDOWN_OPTIONS = {
  drainMs: duration(
    { shown: 'the option `drainMs` of the registry', from: from('drainMs') },
    'Milliseconds within which it settles. 0 terminates at once.',
  ),
  batchSize: count(
    'connections',
    { shown: 'the option `drainBatchSize` of the registry', from: from('drainBatchSize') },
    'Connections that are closed at a time.',
  ),
  batchIntervalMs: duration(
    {
      shown: 'the option `drainBatchIntervalMs` of the registry',
      from: from('drainBatchIntervalMs'),
    },
    'Milliseconds between two batches.',
    1,
  ),
};

function from(name: string): (known: Known) => number {
  return (known) => Number(known[name]);
}

function checkWebSocketServer(_name: string, value: unknown): unknown {
  const { options }: Partial<WebSocketServer> = Object(value);
  if (options?.noServer === true) return value;
  throw new InvalidOptionError(
    'webSocketServer',
    'webSocketServer must be a WebSocketServer made with { noServer: true }, or it would answer upgrades itself',
  );
}

function checkServer(_name: string, value: unknown): unknown {
  const { on }: Partial<Server> = Object(value);
  checkFunction('server.on', on);
  return value;
}

function checkPath(_name: string, path: unknown): unknown {
  if (typeof path === 'function') return path;
  if (typeof path === 'string' && path.startsWith('/') && !path.includes('?')) return path;
  throw new InvalidOptionError(
    'path',
    `path must be a function, or begin with / and have no query string, got ${showValue(path)}`,
  );
}
