/** A client of the server under test: the real `ws` client on a host of its own, and what it has seen. */
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import type { Host } from '../../../network/host.ts';
import type { World } from '../../../run/world.ts';
import { type Connect, userOf } from '../scenario.ts';

/** What the server says to every connection when it opens, and with every message that it passes on. */
export interface Envelope {
  readonly kind: 'hello' | 'said' | 'announcement' | 'post' | 'flood';
  readonly userId: string;
  readonly threadId: string;
  readonly text: string;
  /** Of a post: they count up, over all threads. */
  readonly number: number;
}

/** What a tab tells whoever judges. */
export interface ChatClientObserver {
  /** An upgrade request is on its way. */
  upgradeBegan(tab: ChatClient): void;
  /** It was answered, or its connection ended. */
  upgradeEnded(tab: ChatClient): void;
  tabOpened(tab: ChatClient, threadId: string): void;
  tabRefused(tab: ChatClient, status: number, retryAfter: string | undefined, whole: boolean): void;
  /** What came from the server in answer to an upgrade is no HTTP. */
  tabMisread(tab: ChatClient, error: Error): void;
  tabHeard(tab: ChatClient, envelope: Envelope): void;
}

/** First wait before a tab that retries comes back, and the last; it doubles in between. */
const backoffMs = { first: 500, last: 4_000 };

export class ChatClient {
  readonly name: string;
  readonly user: string;
  readonly #world: World;
  readonly #host: Host;
  readonly #observer: ChatClientObserver;
  readonly #servers: readonly string[];
  /** The next server is tried whenever a connection has ended, as a balancer would send it there. */
  #tries = 0;
  #socket: WebSocket | undefined;
  #goal: Connect | undefined;
  #attempts = 0;
  #connections = 0;
  /** Stopped reading. */
  deaf = false;
  threadId: string | undefined;

  constructor(world: World, host: Host, servers: readonly string[], observer: ChatClientObserver) {
    this.name = host.name;
    this.user = userOf(host.name);
    this.#world = world;
    this.#host = host;
    this.#servers = servers;
    this.#observer = observer;
  }

  /** The process of the tab starts, with nothing open. */
  boot(): void {
    this.#socket = undefined;
    this.deaf = false;
    const goal = this.#goal;
    if (goal?.retry) this.#open(goal);
  }

  get isOpen(): boolean {
    return this.#host.process?.alive === true && this.#socket?.readyState === WebSocket.OPEN;
  }

  /** The server that it is connected to, or tries. */
  get server(): string {
    return this.#servers[this.#tries % this.#servers.length] ?? '';
  }

  get isConnecting(): boolean {
    return this.#socket?.readyState === WebSocket.CONNECTING;
  }

  /** How far its connection is, or `none`. */
  get phase(): 'none' | 'connecting' | 'open' | 'closing' {
    if (this.#socket === undefined || this.#host.process?.alive !== true) return 'none';
    if (this.isConnecting) return 'connecting';
    return this.isOpen ? 'open' : 'closing';
  }

  /** What the tab was last asked to connect as, unless it was told to go. */
  get goal(): Connect | undefined {
    return this.#goal;
  }

  connect(goal: Connect): void {
    this.#inHost(() => {
      if (this.#socket !== undefined) return;
      this.#goal = goal;
      this.#attempts = 0;
      this.#open(goal);
    });
  }

  /** Returns whether there was a connection to speak on. */
  say(characters: number): boolean {
    return this.#inHost(() => {
      // A tab that does not read does not speak either: its frames would be signs of life.
      if (this.#socket?.readyState !== WebSocket.OPEN || this.deaf) return false;
      this.#socket.send('x'.repeat(characters));
      return true;
    });
  }

  close(): void {
    this.#inHost(() => {
      this.#goal = undefined;
      if (this.#socket?.readyState !== WebSocket.OPEN) return;
      // A tab that does not read sends no close frame either, which would be a sign of life.
      if (this.deaf) this.#socket.terminate();
      else this.#socket.close(1000, 'done');
    });
  }

  drop(): boolean {
    return this.#inHost(() => {
      this.#goal = undefined;
      const socket = this.#socket;
      if (socket === undefined) return false;
      const raw = rawSocketOf(socket);
      if (raw === undefined) return false;
      raw.resetAndDestroy();
      return true;
    });
  }

  deafen(): boolean {
    return this.#inHost(() => {
      if (this.#socket?.readyState !== WebSocket.OPEN || this.deaf) return false;
      this.#socket.pause();
      this.deaf = true;
      return true;
    });
  }

  /**
   * The network is another one: what the old connection still says is lost, and a new one is opened. The observer must
   * have been told that the old one is silent. Returns whether there was one to give up.
   */
  move(): boolean {
    return this.#inHost(() => this.#openAnother((old) => old.terminate()));
  }

  reload(): boolean {
    return this.#inHost(() =>
      this.#openAnother((old) => {
        if (old.readyState === WebSocket.OPEN && !this.deaf) old.close(1001, 'reload');
        else old.terminate();
      }),
    );
  }

  #openAnother(end: (old: WebSocket) => void): boolean {
    const goal = this.#goal;
    const old = this.#socket;
    if (goal === undefined || old === undefined) return false;
    this.#socket = undefined;
    this.#observer.upgradeEnded(this);
    end(old);
    this.#open(goal);
    return true;
  }

  /** The last thing a tab does: it goes, by the shortest way that is polite. */
  leave(): void {
    this.#inHost(() => {
      this.#goal = undefined;
      const socket = this.#socket;
      if (socket === undefined) return;
      if (socket.readyState === WebSocket.OPEN && !this.deaf) socket.close(1000, 'leaving');
      else socket.terminate();
    });
  }

  #inHost<T>(body: () => T): T | false {
    const { process: owner } = this.#host;
    return owner?.alive ? owner.run(body) : false;
  }

  #open(goal: Connect): void {
    const number = ++this.#connections;
    const masks = this.#world.random.for('mask', this.name, this.#host.incarnations, number);
    const socket = new WebSocket(urlOf(this.server, goal), {
      headers: { authorization: `Bearer ${encodeURIComponent(this.user)}` },
      generateMask: (mask: Buffer) => masks.fill(mask),
      perMessageDeflate: false,
    });
    this.#socket = socket;
    this.deaf = false;
    this.#observer.upgradeBegan(this);
    socket.on('upgrade', (response) => {
      const told = response.headers['x-thread-id'];
      this.threadId = typeof told === 'string' ? decodeURIComponent(told) : undefined;
    });
    socket.on('open', () => {
      this.#attempts = 0;
      this.#observer.upgradeEnded(this);
      this.#observer.tabOpened(this, this.threadId ?? '');
    });
    socket.on('unexpected-response', (request, response) => {
      this.#readRefusal(response, () => {
        request.destroy();
        this.#ended(socket);
      });
    });
    socket.on('message', (data) => {
      this.#observer.tabHeard(this, JSON.parse(String(data)));
    });
    // Every error of a client is followed by its `close`; without a listener it would end the process.
    socket.on('error', (error) => {
      if (isNoHttp(error)) this.#observer.tabMisread(this, error);
    });
    socket.on('close', (_code, reason) => this.#ended(socket, hintIn(reason)));
  }

  #readRefusal(response: IncomingMessage, done: () => void): void {
    const { statusCode = 0, headers } = response;
    response.resume();
    response.on('close', () => {
      // Whoever goes in the middle of an answer does not hear the rest.
      const isWhole = response.complete || this.#goal === undefined;
      this.#observer.tabRefused(this, statusCode, headers['retry-after'], isWhole);
      done();
    });
  }

  #ended(socket: WebSocket, hintMs?: number): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#tries += 1;
    this.#observer.upgradeEnded(this);
    const goal = this.#goal;
    if (!goal?.retry) return;
    const waitMs = Math.min(backoffMs.first * 2 ** this.#attempts++, backoffMs.last);
    const comeBack = () => {
      if (this.#goal === goal && this.#socket === undefined) this.#open(goal);
    };
    if (goal.heeds && hintMs !== undefined) setTimeout(comeBack, hintMs);
    else setTimeout(comeBack, waitMs * (0.5 + Math.random()));
  }
}

/** An answer that ends early is no mistake of who wrote it: its connection may have been cut. */
function isNoHttp({ code }: NodeJS.ErrnoException): boolean {
  return code?.startsWith('HPE_') === true && code !== 'HPE_INVALID_EOF_STATE';
}

/** When a server that goes asks its clients to come back: `restart; retry after 4711 ms`. */
function hintIn(reason: Buffer): number | undefined {
  const ms = /retry after (\d+) ms$/.exec(String(reason))?.[1];
  return ms === undefined ? undefined : Number(ms);
}

function urlOf(server: string, { clientId, threadId, connectionId }: Connect): string {
  const query = [
    ...(connectionId === null ? [] : [`connectionId=${encodeURIComponent(connectionId)}`]),
    ...(clientId === null ? [] : [`websocketClientId=${encodeURIComponent(clientId)}`]),
    ...(threadId === null ? [] : [`threadId=${encodeURIComponent(threadId)}`]),
  ];
  return `ws://${server}:8080/chat?${query.join('&')}`;
}

/** The TCP socket behind a client, from the first byte of its upgrade on. */
function rawSocketOf(socket: WebSocket): { resetAndDestroy(): unknown } | undefined {
  const inner = socket as unknown as {
    readonly _socket?: { resetAndDestroy(): unknown };
    readonly _req?: { readonly socket?: { resetAndDestroy(): unknown } | null };
  };
  return inner._socket ?? inner._req?.socket ?? undefined;
}
