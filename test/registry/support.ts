/** Real servers, clients and raw peers on loopback for the registry's tests. Holds no assertions. */
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';
import {
  type AttachOptions,
  attach,
  type RegistryEvents,
  type RegistryOptions,
  UserExecutionContext,
  type WebSocketManager,
  WebSocketManagerRegistry,
} from '../../src/index.ts';

export function contextOf(userId: string, client: string): UserExecutionContext {
  return UserExecutionContext.fromWebSocketRequest({ userId, websocketClientId: client });
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Polls until `condition` holds, at most `boundMs`. */
export async function until(condition: () => boolean, boundMs = 2_000): Promise<void> {
  const endMs = performance.now() + boundMs;
  while (!condition()) {
    if (performance.now() > endMs) throw new Error(`not so within ${boundMs} ms: ${condition}`);
    await sleep(2);
  }
}

export function once<T = unknown>(
  emitter: { once(name: string, listener: (value: T) => void): unknown },
  name: string,
): Promise<T> {
  return new Promise((resolve) => emitter.once(name, resolve));
}

export interface Recorded {
  readonly name: keyof RegistryEvents;
  readonly event: RegistryEvents[keyof RegistryEvents][0];
}

/** Every event from now on, in order. */
export function record(registry: WebSocketManagerRegistry): Recorded[] {
  const names: readonly (keyof RegistryEvents)[] = [
    'managerCreated',
    'managerIdle',
    'managerClosing',
    'managerRemoved',
    'connectionOpened',
    'connectionClosed',
    'connectionReplaced',
    'connectionRefused',
    'connectionExpelled',
    'messageQueued',
    'messagesReplayed',
    'messagesDropped',
    'sweepFinished',
    'cleanupStarted',
    'cleanupFinished',
    'limitReached',
    'clientIntroduced',
    'upgradeRefused',
    'securityViolation',
    'hookError',
    'shutdownStarted',
    'shutdownFinished',
  ];
  const recorded: Recorded[] = [];
  for (const name of names) {
    registry.on(name, (event: Recorded['event']) => {
      recorded.push({ name, event });
    });
  }
  return recorded;
}

export function namesOf(recorded: readonly Recorded[]): string[] {
  return recorded.map(({ name }) => name);
}

/** Sockets without a door: what a server that does its own upgrades would give to the registry. */
export class Loopback implements AsyncDisposable {
  readonly server = http.createServer();
  readonly webSocketServer = new WebSocketServer({ noServer: true });
  readonly #peers: { destroy(): void }[] = [];
  readonly #opened: ((socket: WebSocket) => void)[] = [];
  #upgrades = false;

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  /** An open server-side socket, and the client at its other end. */
  async pair(): Promise<{ readonly socket: WebSocket; readonly client: WebSocket }> {
    const socket = this.#nextSocket();
    const client = this.client('/');
    await once(client, 'open');
    return { socket: await socket, client };
  }

  /** An open server-side socket whose peer has shaken hands and never says another word. */
  async mute(): Promise<{ readonly socket: WebSocket; readonly peer: net.Socket }> {
    const socket = this.#nextSocket();
    const peer = await this.mutePeer('/');
    return { socket: await socket, peer };
  }

  client(path: string, options: ClientOptions = {}): WebSocket {
    const client = new WebSocket(`ws://127.0.0.1:${this.port}${path}`, options);
    client.on('error', () => {});
    this.#peers.push({ destroy: () => client.terminate() });
    return client;
  }

  /** Shakes hands over a bare TCP connection, then reads and answers nothing at all. */
  async mutePeer(path: string): Promise<net.Socket> {
    const peer = this.raw(upgradeText(path));
    await once(peer, 'data');
    peer.on('data', () => {});
    return peer;
  }

  raw(text: string): net.Socket {
    const peer = net.connect({ port: this.port, host: '127.0.0.1', allowHalfOpen: true });
    peer.on('error', () => {});
    if (text !== '') peer.write(text);
    this.#peers.push(peer);
    return peer;
  }

  /** Sends `text` and reads until the server closes its side. */
  async exchange(text: string): Promise<string> {
    const peer = this.raw(text);
    const answer = await readAll(peer);
    peer.destroy();
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.#peers) peer.destroy();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #nextSocket(): Promise<WebSocket> {
    if (!this.#upgrades) {
      this.#upgrades = true;
      this.server.on('upgrade', (request, socket, head) => {
        this.webSocketServer.handleUpgrade(request, socket, head, (opened) => {
          this.#opened.shift()?.(opened);
        });
      });
    }
    return new Promise((resolve) => this.#opened.push(resolve));
  }
}

export function readAll(peer: net.Socket): Promise<string> {
  let text = '';
  peer.on('data', (chunk) => {
    text += chunk.toString();
  });
  return new Promise((resolve) => {
    peer.once('end', () => resolve(text));
    peer.once('close', () => resolve(text));
  });
}

export function upgradeText(
  path: string,
  headers: Record<string, string | undefined> = {},
): string {
  const all: Record<string, string | undefined> = {
    Host: '127.0.0.1',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version': '13',
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return `GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}

/** A registry with short times, and sockets to give to it. */
export class Bench extends Loopback {
  readonly registry: WebSocketManagerRegistry;

  constructor(options: RegistryOptions = {}) {
    super();
    this.registry = new WebSocketManagerRegistry({
      birthGraceMs: 40,
      // Long enough for a socket to be made after an acquire, also on a busy machine.
      reconnectGraceMs: 200,
      closeTimeoutMs: 60,
      probeTimeoutMs: 60,
      emergencyDeadlineMs: 1_000,
      emergencyCooldownMs: 200,
      ...options,
    });
  }

  /** A manager of this client with one connection whose peer answers. */
  async tab(userId: string, client: string): Promise<WebSocketManager> {
    const { socket } = await this.pair();
    const manager = await this.registry.acquire(contextOf(userId, client));
    manager.connect(socket);
    return manager;
  }

  /** A manager of this client with one connection whose peer is mute. */
  async muteTab(userId: string, client: string): Promise<WebSocketManager> {
    const { socket } = await this.mute();
    const manager = await this.registry.acquire(contextOf(userId, client));
    manager.connect(socket);
    return manager;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.registry.shutdown({ drainMs: 0 });
    await super[Symbol.asyncDispose]();
  }
}

export async function bench(options: RegistryOptions = {}): Promise<Bench> {
  return new Bench(options).listen();
}

export type DoorOptions = Partial<Omit<AttachOptions, 'server' | 'webSocketServer'>>;

/** A bench behind a door. By default the query parameter `user` is who the request is from. */
export async function door(options: DoorOptions = {}, registryOptions: RegistryOptions = {}) {
  const made = await bench(registryOptions);
  const attachment = attach(made.registry, {
    server: made.server,
    webSocketServer: made.webSocketServer,
    authenticate: userOfQuery,
    ...options,
  });
  return {
    ...pick(made),
    attachment,
    async [Symbol.asyncDispose]() {
      await made[Symbol.asyncDispose]();
      await attachment.detach();
    },
  };
}

/** A bench behind several doors, each with a `WebSocketServer` of its own. */
export async function doors(paths: readonly AttachOptions['path'][]) {
  const made = await bench();
  const attachments = paths.map((path) =>
    attach(made.registry, {
      server: made.server,
      webSocketServer: new WebSocketServer({ noServer: true }),
      authenticate: userOfQuery,
      path,
    }),
  );
  return {
    made,
    attachments,
    async [Symbol.asyncDispose]() {
      await made[Symbol.asyncDispose]();
      for (const attachment of attachments) await attachment.detach();
    },
  };
}

function pick(made: Bench) {
  return {
    bench: made,
    registry: made.registry,
    server: made.server,
    webSocketServer: made.webSocketServer,
  };
}

export function userOfQuery(request: http.IncomingMessage) {
  const userId = new URL(request.url ?? '', 'http://localhost').searchParams.get('user');
  return userId === null ? undefined : { userId };
}

/** How a client's attempt ended: an open socket, or the status and headers of a refusal. */
export function attempt(client: WebSocket): Promise<{
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
}> {
  return new Promise((resolve) => {
    client.once('upgrade', (response) => resolve({ status: 101, headers: response.headers }));
    client.once('unexpected-response', (_request, response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
    });
    client.once('error', () => resolve({ status: 0, headers: {} }));
  });
}
