/** A real server, clients and raw peers on loopback. Holds no assertions. */
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';
import { once } from './waiting.ts';

/** Sockets without `attach`: what a server that does its own upgrades would give to the registry. */
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

  /** An open server-side socket whose peer has finished the handshake and sends nothing more. */
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

  /** Does the handshake over a bare TCP connection, then reads and answers nothing at all. */
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

/** How many connections the server has, accepted and not yet closed. */
export function openConnections(server: net.Server): Promise<number> {
  return new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
}
