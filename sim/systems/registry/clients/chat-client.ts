/**
 * A client of the chat that follows its actions: it reconnects when they say so, and reports to an observer what it
 * sees.
 */
import { WebSocket } from 'ws';
import type { Host } from '../../../network/hosts/host.ts';
import type { World } from '../../../run/world.ts';
import { WebSocketClient } from '../../clients/web-socket-client.ts';
import { type Connect, userOf } from '../scenario.ts';

/** What the server sends to every connection when it opens, and with every message that it forwards. */
export interface Envelope {
  readonly kind: 'hello' | 'said' | 'announcement' | 'post' | 'flood';
  readonly userId: string;
  readonly threadId: string;
  readonly text: string;
  /** Of a post: they count up, over all threads. */
  readonly number: number;
}

/** What a client reports to the observer of the run. */
export interface ChatClientObserver {
  /** An upgrade request is on its way. */
  upgradeBegan(tab: ChatClient): void;
  /** It was answered, or its connection ended. */
  upgradeEnded(tab: ChatClient): void;
  tabOpened(tab: ChatClient, threadId: string): void;
  tabRefused(tab: ChatClient, status: number, retryAfter: string | undefined, whole: boolean): void;
  /** The answer of the server to an upgrade is not HTTP. */
  tabMisread(tab: ChatClient, error: Error): void;
  tabHeard(tab: ChatClient, envelope: Envelope): void;
}

/** First and longest wait of a tab before it reconnects; it doubles in between. */
const backoffMs = { first: 500, last: 4_000 };

export class ChatClient {
  readonly name: string;
  readonly user: string;
  readonly #client: WebSocketClient;
  readonly #observer: ChatClientObserver;
  readonly #servers: readonly string[];
  /** A tab tries the next server whenever a connection has ended, as behind a load balancer. */
  #tries = 0;
  #goal: Connect | undefined;
  #attempts = 0;
  threadId: string | undefined;

  constructor(world: World, host: Host, servers: readonly string[], observer: ChatClientObserver) {
    this.name = host.name;
    this.user = userOf(host.name);
    this.#client = new WebSocketClient(host, (connection) => {
      const masks = world.random.for('mask', host.name, host.incarnations, connection);
      return (mask) => masks.fill(mask);
    });
    this.#servers = servers;
    this.#observer = observer;
  }

  /** The process of the client starts, with nothing open. */
  boot(): void {
    this.#client.booted();
    const goal = this.#goal;
    if (goal?.retry) this.#open(goal);
  }

  get isOpen(): boolean {
    return this.#client.isOpen;
  }

  /** Whether it stopped reading. */
  get deaf(): boolean {
    return this.#client.isDeaf;
  }

  /** The server that it is connected to, or tries. */
  get server(): string {
    return this.#servers[this.#tries % this.#servers.length] ?? '';
  }

  get isConnecting(): boolean {
    return this.#client.isConnecting;
  }

  /** How far its connection is, or `none`. */
  get phase(): 'none' | 'connecting' | 'open' | 'closing' {
    const { socket, host } = this.#client;
    if (socket === undefined || host.process?.alive !== true) return 'none';
    if (this.isConnecting) return 'connecting';
    return this.isOpen ? 'open' : 'closing';
  }

  /** The last connect action of the client, unless it was ordered to leave. */
  get goal(): Connect | undefined {
    return this.#goal;
  }

  connect(goal: Connect): void {
    this.#client.inHost(() => {
      if (this.#client.socket !== undefined) return;
      this.#goal = goal;
      this.#attempts = 0;
      this.#open(goal);
    });
  }

  /** Returns whether there was a connection to send on. */
  say(characters: number): boolean {
    return this.#client.inHost(() => this.#client.say('x'.repeat(characters))) ?? false;
  }

  close(): void {
    this.#client.inHost(() => {
      this.#goal = undefined;
      if (this.#client.socket?.readyState !== WebSocket.OPEN) return;
      this.#end(this.#client.socket, 1000, 'done');
    });
  }

  drop(): boolean {
    const hadOne = this.#client.inHost(() => {
      this.#goal = undefined;
      return this.#client.reset();
    });
    return hadOne ?? false;
  }

  deafen(): boolean {
    return this.#client.inHost(() => this.#client.stopReading()) ?? false;
  }

  /**
   * The client changes its network: everything on the old connection is lost, and a new one is opened. The observer
   * must already know that the old one is silent. Returns whether there was an old connection.
   */
  move(): boolean {
    return this.#client.inHost(() => this.#openAnother((old) => old.terminate())) ?? false;
  }

  reload(): boolean {
    const open = () => this.#openAnother((old) => this.#end(old, 1001, 'reload'));
    return this.#client.inHost(open) ?? false;
  }

  /** The last action of a client: it leaves in the shortest clean way. */
  leave(): void {
    this.#client.inHost(() => {
      this.#goal = undefined;
      const { socket } = this.#client;
      if (socket !== undefined) this.#end(socket, 1000, 'leaving');
    });
  }

  #openAnother(end: (old: WebSocket) => void): boolean {
    const goal = this.#goal;
    const old = this.#client.socket;
    if (goal === undefined || old === undefined) return false;
    this.#client.socket = undefined;
    this.#observer.upgradeEnded(this);
    end(old);
    this.#open(goal);
    return true;
  }

  /** A client that does not read sends no close frame either, which would be a sign of life. */
  #end(socket: WebSocket, code: number, reason: string): void {
    if (socket.readyState === WebSocket.OPEN && !this.deaf) socket.close(code, reason);
    else socket.terminate();
  }

  #open(goal: Connect): void {
    const request = {
      url: urlOf(this.server, goal),
      authorization: `Bearer ${encodeURIComponent(this.user)}`,
    };
    const socket = this.#client.open(request, {
      upgraded: ({ headers }) => {
        const told = headers['x-thread-id'];
        this.threadId = typeof told === 'string' ? decodeURIComponent(told) : undefined;
      },
      opened: () => {
        this.#attempts = 0;
        this.#observer.upgradeEnded(this);
        this.#observer.tabOpened(this, this.threadId ?? '');
      },
      heard: (data) => this.#observer.tabHeard(this, JSON.parse(String(data))),
      refusalRead: ({ statusCode = 0, headers, complete }) => {
        // A client that leaves in the middle of a response does not receive the rest.
        const isWhole = complete || this.#goal === undefined;
        this.#observer.tabRefused(this, statusCode, headers['retry-after'], isWhole);
      },
      failed: (error) => {
        if (isNoHttp(error)) this.#observer.tabMisread(this, error);
      },
      ended: (_code, reason) => this.#ended(socket, hintIn(reason)),
    });
    this.#observer.upgradeBegan(this);
  }

  #ended(socket: WebSocket, hintMs?: number): void {
    if (this.#client.socket !== socket) return;
    this.#client.socket = undefined;
    this.#tries += 1;
    this.#observer.upgradeEnded(this);
    const goal = this.#goal;
    if (!goal?.retry) return;
    const waitMs = Math.min(backoffMs.first * 2 ** this.#attempts++, backoffMs.last);
    const comeBack = () => {
      if (this.#goal === goal && this.#client.socket === undefined) this.#open(goal);
    };
    if (goal.heeds && hintMs !== undefined) setTimeout(comeBack, hintMs);
    else setTimeout(comeBack, waitMs * (0.5 + Math.random()));
  }
}

/** A response that ends early is not always a mistake of the server: the connection may have been cut. */
function isNoHttp({ code }: NodeJS.ErrnoException): boolean {
  return code?.startsWith('HPE_') === true && code !== 'HPE_INVALID_EOF_STATE';
}

/** When a draining server asks its clients to reconnect: `restart; retry after 4711 ms`. */
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
