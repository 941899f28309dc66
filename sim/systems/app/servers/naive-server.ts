/**
 * A chat server as many are written: correct as long as nothing fails. Its mistakes are deliberate, and the registry
 * prevents each of them. Some mistakes hide others, so one server cannot show all of them: those are switched by
 * `Habits`.
 */
import { randomUUID } from 'node:crypto';
import http, { type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  answer,
  type Chat,
  type ChatSettings,
  chatPort,
  lookUpSession,
  type StartChat,
  userOf,
} from '../chat.ts';
import { type Heartbeat, heartbeats } from './heartbeats.ts';
import { TokenBucket } from './rate-limit.ts';

export interface Habits {
  /** @default 'none' */
  readonly heartbeat?: Heartbeat;
  /**
   * A slot is taken when an upgrade begins, and returned when its WebSocket closes. Sockets have an `error` listener.
   */
  readonly reservesPlaces?: boolean;
  /** Each send waits for the previous one. */
  readonly awaitsSends?: boolean;
}

export function naiveServer(habits: Habits): StartChat {
  return (settings, exit) => new NaiveServer(settings, habits, exit);
}

class NaiveServer implements Chat {
  readonly #settings: ChatSettings;
  readonly #habits: Habits;
  readonly #webSocketServer = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  readonly #tabs = new Map<string, Set<WebSocket>>();
  readonly #places = new Map<string, number>();
  /** Thread ids by client. Lost with the process, and never removed before. */
  readonly #threads = new Map<string, string>();

  constructor(settings: ChatSettings, habits: Habits, exit: () => void) {
    this.#settings = settings;
    this.#habits = habits;
    const server = http.createServer();
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    heartbeats[habits.heartbeat ?? 'none'](this.#webSocketServer);
    // Open WebSockets prevent `close()` from ever finishing.
    process.once('SIGTERM', () => server.close(exit));
    server.listen(chatPort);
  }

  post(userId: string, text: string): void {
    if (this.#habits.awaitsSends) void this.#sendOneByOne(userId, text);
    else for (const tab of this.#tabs.get(userId) ?? []) tab.send(text);
  }

  async #sendOneByOne(userId: string, text: string): Promise<void> {
    for (const tab of this.#tabs.get(userId) ?? []) {
      await new Promise((sent) => tab.send(text, sent));
    }
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const userId = userOf(request) ?? '';
    if (this.#placesTaken(userId) >= this.#settings.tabsPerUserMax) {
      socket.end('HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\n\r\n');
      return;
    }
    if (this.#habits.reservesPlaces) {
      socket.on('error', () => {});
      this.#places.set(userId, (this.#places.get(userId) ?? 0) + 1);
    }
    await lookUpSession(this.#settings);
    const claimed = new URL(request.url ?? '', 'ws://server').searchParams.get('threadId');
    if (claimed !== null && this.#threads.get(claimed) !== userId) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
      return;
    }
    const threadId = claimed ?? randomUUID();
    this.#threads.set(threadId, userId);
    this.#webSocketServer.once('headers', (headers) => headers.push(`x-thread-id: ${threadId}`));
    this.#webSocketServer.handleUpgrade(request, socket, head, (tab) => {
      this.#webSocketServer.emit('connection', tab, request);
      this.#welcome(tab, userId);
    });
  }

  #placesTaken(userId: string): number {
    if (this.#habits.reservesPlaces) return this.#places.get(userId) ?? 0;
    return this.#tabs.get(userId)?.size ?? 0;
  }

  #welcome(tab: WebSocket, userId: string): void {
    const tabs = this.#tabs.get(userId) ?? new Set();
    this.#tabs.set(userId, tabs.add(tab));
    const bucket = new TokenBucket(this.#settings.messagesPerSecondMax);
    tab.on('message', (text) => {
      if (bucket.take()) answer(tab, text);
      else tab.close(1008, 'too many messages');
    });
    tab.on('close', () => {
      tabs.delete(tab);
      this.#places.set(userId, (this.#places.get(userId) ?? 1) - 1);
    });
  }
}
