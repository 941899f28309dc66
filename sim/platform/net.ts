/**
 * `net` and `http` connect and listen, routed to the simulated network during a run. A server or client needs no change
 * and no parameter for it.
 */
import http from 'node:http';
import net from 'node:net';
import { addAbortSignal } from 'node:stream';
import tls from 'node:tls';
import { activeRun, refuseEscape } from '../process/active-run.ts';
import { currentProcess } from '../process/simulated-process.ts';
import { noTls } from './refusals.ts';

type Listener = () => void;

export function installNetShims(): void {
  const realConnect = net.connect;
  const connect = (...args: unknown[]): net.Socket => {
    const run = activeRun();
    if (run === undefined) return Reflect.apply(realConnect, net, args);
    const owner = currentProcess();
    if (owner === undefined)
      refuseEscape('net.connect()', 'connect from the code of a simulated host');
    const { options, listener } = connectArguments(args);
    assertPort(options.port);
    const socket = run.connect(options, owner);
    if (options.timeout) socket.setTimeout(options.timeout);
    if (options.signal !== undefined) addAbortSignal(options.signal, socket);
    if (listener !== undefined) socket.once('connect', listener);
    return socket;
  };
  net.connect = connect as typeof net.connect;
  net.createConnection = connect as typeof net.createConnection;
  // http.Agent took its copy when node:http was loaded.
  Object.assign(http.Agent.prototype, { createConnection: connect });

  const realSocketConnect = net.Socket.prototype.connect;
  net.Socket.prototype.connect = function (this: net.Socket, ...args: never[]) {
    if (activeRun() !== undefined) {
      refuseEscape('new net.Socket().connect()', 'use net.connect(), which is simulated');
    }
    return Reflect.apply(realSocketConnect, this, args);
  } as typeof realSocketConnect;

  const realListen = net.Server.prototype.listen;
  net.Server.prototype.listen = function (this: net.Server, ...args: unknown[]) {
    const run = activeRun();
    if (run === undefined) return Reflect.apply(realListen, this, args);
    const owner = currentProcess();
    if (owner === undefined)
      refuseEscape('server.listen()', 'listen in the code of a simulated host');
    const callback = args.find((value): value is Listener => typeof value === 'function');
    if (callback !== undefined) this.once('listening', callback);
    if (this instanceof tls.Server) refuseEscape('tls.Server.listen()', noTls);
    run.listen(this, listenPort(args), owner);
    return this;
  } as typeof realListen;
}

/** The forms of `net.connect` that name a TCP peer; a path or a pipe is not simulated. */
function connectArguments(args: readonly unknown[]) {
  const listener = args.find((value): value is Listener => typeof value === 'function');
  const first = args[0];
  if (typeof first === 'object' && first !== null) {
    const given = first as net.TcpNetConnectOpts & {
      path?: unknown;
      socketPath?: unknown;
      signal?: AbortSignal;
    };
    if (
      typeof given.socketPath === 'string' ||
      (given.port === undefined && given.path !== undefined)
    ) {
      refuseEscape(
        `net.connect to ${String(given.path ?? given.socketPath)}`,
        'only TCP is simulated',
      );
    }
    return {
      listener,
      options: {
        host: given.host ?? 'localhost',
        port: Number(given.port),
        allowHalfOpen: given.allowHalfOpen ?? false,
        timeout: given.timeout,
        signal: given.signal,
      },
    };
  }
  if (typeof first === 'string' && !/^\d+$/.test(first)) {
    refuseEscape(`net.connect to ${first}`, 'only TCP is simulated');
  }
  const host = typeof args[1] === 'string' ? args[1] : 'localhost';
  const options = { host, port: Number(first), allowHalfOpen: false };
  return { listener, options: { ...options, timeout: undefined, signal: undefined } };
}

function assertPort(port: number): void {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return;
  const error: NodeJS.ErrnoException = new RangeError(
    `Port should be >= 0 and < 65536. Received ${port}.`,
  );
  error.code = 'ERR_SOCKET_BAD_PORT';
  throw error;
}

/** The port of `listen(port)`, `listen({ port })` or `listen()`; 0 asks for a free one. */
function listenPort(args: readonly unknown[]): number {
  const first = args[0];
  if (typeof first === 'object' && first !== null) {
    const { port, path, fd } = first as { port?: unknown; path?: unknown; fd?: unknown };
    if (path !== undefined || fd !== undefined) {
      refuseEscape('server.listen on a path or descriptor', 'only TCP is simulated');
    }
    return Number(port ?? 0);
  }
  if (typeof first === 'string' && !/^\d+$/.test(first)) {
    refuseEscape(`server.listen(${JSON.stringify(first)})`, 'only TCP is simulated');
  }
  return first === undefined || typeof first === 'function' ? 0 : Number(first);
}
