/**
 * A WebSocket of `ws` over a stream in memory, where there are fewer descriptors than connections. The peer answers
 * every ping. What a write costs in the kernel is left out, which favours the side that writes the most at once.
 */
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';

const PING_OPCODE = 0x89;
/** Masked, as a client's must be, and empty. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
/** Pongs that arrive in one turn of the event loop. Few, so that it is the pings that are measured. */
const PONGS_PER_TURN = 100;

/** The peers of all connections. */
export class Peers {
  pings = 0;
  readonly #asked: Duplex[] = [];
  #answering = false;

  ping(socket: Duplex): void {
    this.pings += 1;
    this.#asked.push(socket);
    if (this.#answering) return;
    this.#answering = true;
    setImmediate(this.#answer);
  }

  readonly #answer = (): void => {
    for (const socket of this.#asked.splice(0, PONGS_PER_TURN)) socket.push(PONG);
    this.#answering = this.#asked.length > 0;
    if (this.#answering) setImmediate(this.#answer);
  };
}

class FakeSocket extends Duplex {
  readonly #peers: Peers;

  constructor(peers: Peers) {
    super();
    this.#peers = peers;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (chunk[0] === PING_OPCODE) this.#peers.ping(this);
    done();
  }
}

export function openFake(server: WebSocketServer, peers: Peers): WebSocket {
  const request = new IncomingMessage(new Socket());
  request.method = 'GET';
  request.url = '/';
  request.headers = {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  let opened: WebSocket | undefined;
  server.handleUpgrade(request, new FakeSocket(peers), Buffer.alloc(0), (socket) => {
    opened = socket;
    server.emit('connection', socket, request);
  });
  if (opened === undefined) throw new Error('ws did not take the upgrade at once');
  return opened;
}
