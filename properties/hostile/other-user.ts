/** Somebody who is connected while others visit: he says something now and then, and expects an echo and nothing else. */
import { WebSocket } from 'ws';

/** So many messages come in quick succession, while the visits begin; the rest slowly. */
const quickMessages = 20;

export class OtherUser {
  said = 0;
  heard = 0;
  /** Whatever else happened to him before he left. */
  readonly disturbances: string[] = [];
  #socket: WebSocket | undefined;
  #isLeaving = false;

  /** To be called in the life of his host. */
  arrive(): void {
    const socket = new WebSocket('ws://server:8080/?websocketClientId=tab', {
      headers: { authorization: 'Bearer other' },
      generateMask: (mask) => mask.fill(7),
      perMessageDeflate: false,
    });
    this.#socket = socket;
    socket.on('error', (error) => this.#disturb(String(error)));
    socket.on('close', (code) => this.#disturb(`closed with ${code}`));
    socket.on('message', (data) => {
      this.heard += 1;
      if (String(data) !== `message ${this.heard}`) this.#disturb(`heard ${String(data)}`);
    });
    this.#say(socket);
  }

  leave(): void {
    this.#isLeaving = true;
    this.#socket?.close();
  }

  #say(socket: WebSocket): void {
    if (this.#isLeaving) return;
    setTimeout(() => this.#say(socket), this.said < quickMessages ? 100 : 5_000);
    if (socket.readyState !== socket.OPEN) return;
    this.said += 1;
    socket.send(`message ${this.said}`);
  }

  #disturb(what: string): void {
    if (!this.#isLeaving) this.disturbances.push(what);
  }
}
