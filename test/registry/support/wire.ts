/** HTTP upgrades without a network: streams that are given to `attach`. Holds no assertions. */
import http, { type IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { vi } from 'vitest';
import { type ServerOptions, WebSocketServer } from 'ws';
import { attach, type RegistryOptions, WebSocketManagerRegistry } from '../../../src/index.ts';
import { type AttachChoices, userOfQuery } from './attached.ts';
import { record } from './events.ts';

const PING = 0x89;
/** Masked with zeros, as a client's must be (RFC 6455, 5.1). */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);

/** A stream that keeps what is written to it, and may refuse to close. */
export class Wire extends Duplex {
  written = '';
  closes = true;
  /** Whether its peer answers a ping. */
  pongs = false;
  override _read(): void {}
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written += chunk.toString('latin1');
    if (this.pongs && chunk[0] === PING) this.push(PONG);
    done();
  }
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.closes) done(error);
  }
}

export const upgradeHeaders = {
  upgrade: 'WebSocket',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'sec-websocket-version': '13',
};

export function request(fields: object): IncomingMessage {
  return { method: 'GET', url: '/', headers: upgradeHeaders, ...fields } as IncomingMessage;
}

export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** An attached registry whose upgrades come without a network. By default the query parameter `user` authenticates. */
export function offlineBench(
  options: AttachChoices = {},
  registryOptions: RegistryOptions = {},
  serverOptions: ServerOptions = {},
) {
  const registry = new WebSocketManagerRegistry(registryOptions);
  const events = record(registry);
  const server = http.createServer();
  const webSocketServer = new WebSocketServer({ noServer: true, ...serverOptions });
  const attachment = attach(registry, {
    server,
    webSocketServer,
    authenticate: userOfQuery,
    headersTimeoutMs: 0,
    ...options,
  });
  return {
    registry,
    server,
    webSocketServer,
    attachment,
    /** Accepts a client that answers pings, so that there is no room for the next. */
    async fill(url: string): Promise<void> {
      const wire = new Wire();
      wire.pongs = true;
      this.upgrade(url, {}, wire);
      await pass(0);
    },
    /** The events of this name, in order. */
    eventsNamed: (name: string) =>
      events.filter((each) => each.name === name).map(({ event }) => event),
    upgrade(url: string, own: object = {}, wire: Wire = new Wire()): Wire {
      const headers = { ...upgradeHeaders, ...own };
      server.emit('upgrade', request({ url, headers, socket: wire }), wire, Buffer.alloc(0));
      return wire;
    },
  };
}
