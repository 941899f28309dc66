/** The socket of a visitor: sends one upgrade request, reads what comes, and goes when he is told to. */
import net from 'node:net';
import type { Stage } from '../fixture/registry-fixture.ts';
import type { Visitor } from './upgrade-plan.ts';

export class Guest {
  readonly name: string;
  readonly visitor: Visitor;
  /** Latin1: a character is a byte. */
  received = '';
  /** The server has said that nothing more comes, or has cut the connection. */
  hasEnded = false;
  #socket: net.Socket | undefined;

  constructor(name: string, visitor: Visitor) {
    this.name = name;
    this.visitor = visitor;
  }

  async arrive(stage: Stage): Promise<void> {
    const host = await stage.addHost(this.name);
    await stage.event(() => host.process?.run(() => this.#knock()));
  }

  /** At the end, whatever was said. */
  leave(): void {
    this.#socket?.resetAndDestroy();
  }

  #knock(): void {
    const { leaving, claims } = this.visitor;
    const socket = net.connect({ port: 8080, host: 'server', allowHalfOpen: true });
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('close', () => {
      this.hasEnded = true;
    });
    socket.on('end', () => {
      this.hasEnded = true;
      socket.end();
    });
    socket.on('data', (bytes) => {
      this.received += bytes.toString('latin1');
    });
    socket.write(requestOf(this.name, claims), 'latin1');
    if (leaving.how === 'ends') setTimeout(() => socket.end(), leaving.afterMs);
    if (leaving.how === 'resets') setTimeout(() => socket.resetAndDestroy(), leaving.afterMs);
  }

  /** What is wrong with what he was answered, if it should have been a refusal with this status. */
  faultOfRefusal(status: number): string | undefined {
    const end = this.received.indexOf('\r\n\r\n');
    if (end === -1) return `is answered ${JSON.stringify(this.received)}`;
    const [statusLine = '', ...headers] = this.received.slice(0, end).split('\r\n');
    if (!statusLine.startsWith(`HTTP/1.1 ${status} `)) return `is answered ${statusLine}`;
    const length = headers.find((line) => line.startsWith('Content-Length: '))?.slice(16);
    const body = this.received.slice(end + 4);
    if (String(body.length) !== length) return `is given ${body.length} bytes of ${length}`;
    return this.hasEnded ? undefined : 'is refused, and kept at the door';
  }

  faultOfWelcome(): string | undefined {
    if (!this.received.startsWith('HTTP/1.1 101 ')) return `is answered ${this.received}`;
    return this.hasEnded ? 'is let in and put out' : undefined;
  }
}

/** With the key of RFC 6455, section 1.3. */
function requestOf(name: string, claims: boolean): string {
  return [
    `GET /?visitor=${name}${claims ? '&threadId=room' : ''} HTTP/1.1`,
    'Host: server',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    '',
    '',
  ].join('\r\n');
}
