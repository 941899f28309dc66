/** A client on the stage: the real `ws` client on a host of its own, and what it has seen. */
import { WebSocket } from 'ws';
import type { Host } from '../sim/network/host.ts';
import type { Stage } from './stage.ts';

/** What became of its last connection. */
export type ClientState = 'away' | 'coming' | 'in' | 'refused' | 'gone';

export class Client {
  readonly name: string;
  readonly userId: string;
  readonly query: string;
  readonly heard: string[] = [];
  state: ClientState = 'away';
  /** Status of the last refusal. */
  status: number | undefined;
  /** Code of the last close, 1006 without a close frame. */
  closeCode: number | undefined;
  /** Virtual milliseconds from its last connect to the answer. */
  answeredAfterMs = 0;
  readonly #stage: Stage;
  readonly #host: Host;
  #socket: WebSocket | undefined;
  #isDeaf = false;

  private constructor(stage: Stage, host: Host, userId: string, query: string) {
    this.#stage = stage;
    this.name = host.name;
    this.userId = userId;
    this.query = query;
    this.#host = host;
  }

  /** @param query Of its upgrade's URL. */
  static async on(stage: Stage, name: string, userId: string, query: string): Promise<Client> {
    return new Client(stage, await stage.addHost(name), userId, query);
  }

  /** Opens a connection, whether or not it has one. */
  connect(): void {
    this.#host.process?.run(() => this.#open());
  }

  /** With a close frame; a connection that is not open yet ends without one. */
  close(): void {
    this.#host.process?.run(() => this.#socket?.close(1000));
  }

  /** With a RST, whatever state the connection is in. */
  reset(): void {
    this.#host.process?.run(() => rawSocketOf(this.#socket)?.resetAndDestroy());
  }

  /** Closes its connection and opens another one without waiting, as a page that is reloaded. */
  reload(): void {
    this.close();
    this.connect();
  }

  /** Stops reading, from when it is in: answers no ping and no close frame, while its TCP is alive. */
  deafen(): void {
    this.#isDeaf = true;
    this.#host.process?.run(() => this.#socket?.pause());
  }

  #open(): void {
    this.state = 'coming';
    const socket = new WebSocket(`ws://server:8080/?${this.query}`, {
      headers: { authorization: this.userId },
      generateMask: (mask) => mask.fill(7),
      perMessageDeflate: false,
    });
    this.#socket = socket;
    const beganAtMs = this.#stage.nowMs;
    const answered = (state: ClientState) => {
      if (this.#socket !== socket) return;
      this.state = state;
      this.answeredAfterMs = this.#stage.nowMs - beganAtMs;
    };
    socket.on('open', () => {
      answered('in');
      if (this.#isDeaf) socket.pause();
    });
    socket.on('message', (data) => this.heard.push(String(data)));
    socket.on('unexpected-response', (request, response) => {
      this.status = response.statusCode;
      answered('refused');
      response.resume();
      response.on('close', () => request.destroy());
    });
    // Every error of a client is followed by its `close`; without a listener it would end the process.
    socket.on('error', () => {});
    socket.on('close', (code) => {
      if (this.#socket !== socket) return;
      this.closeCode = code;
      if (this.state !== 'refused') this.state = 'gone';
    });
  }
}

/** The TCP socket behind a client, from the first byte of its upgrade on. */
function rawSocketOf(
  socket: WebSocket | undefined,
): { resetAndDestroy(): unknown } | undefined | null {
  const inner = socket as unknown as {
    readonly _socket?: { resetAndDestroy(): unknown };
    readonly _req?: { readonly socket?: { resetAndDestroy(): unknown } | null };
  };
  return inner?._socket ?? inner?._req?.socket;
}
