/** A well-behaved user beside the hostile clients: it sends a message now and then, and expects an echo and nothing else. */
import type { Host } from '../../sim/network/hosts/host.ts';
import { constantMask, WebSocketClient } from '../../sim/systems/clients/web-socket-client.ts';

/** So many messages come in quick succession, while the hostile connections begin; the rest slowly. */
const quickMessages = 20;

export class OtherUser {
  said = 0;
  heard = 0;
  /** Whatever else happened to it before it left. */
  readonly disturbances: string[] = [];
  #client: WebSocketClient | undefined;
  #isLeaving = false;

  /** To be called as code of its host. */
  arrive(host: Host): void {
    const client = new WebSocketClient(host, () => constantMask);
    this.#client = client;
    client.open(
      { url: 'ws://server:8080/?websocketClientId=tab', authorization: 'Bearer other' },
      {
        failed: (error) => this.#disturb(String(error)),
        ended: (code) => this.#disturb(`closed with ${code}`),
        heard: (data) => {
          this.heard += 1;
          if (String(data) !== `message ${this.heard}`) this.#disturb(`heard ${String(data)}`);
        },
      },
    );
    this.#say(client);
  }

  leave(): void {
    this.#isLeaving = true;
    this.#client?.socket?.close();
  }

  #say(client: WebSocketClient): void {
    if (this.#isLeaving) return;
    setTimeout(() => this.#say(client), this.said < quickMessages ? 100 : 5_000);
    if (!client.isOpen) return;
    this.said += 1;
    client.say(`message ${this.said}`);
  }

  #disturb(what: string): void {
    if (!this.#isLeaving) this.disturbances.push(what);
  }
}
