/** One client at the upgrade: it sends one request, keeps what it is answered, and leaves when its plan says so. */
import { RawClient } from '../../sim/systems/clients/raw-client.ts';
import type { RegistryFixture } from '../fixture/registry-fixture.ts';
import type { UpgradePlan } from './upgrade-plan.ts';

const leavings = { stays: 'wait', resets: 'reset', ends: 'end' } as const;

export class UpgradeClient {
  readonly name: string;
  readonly plan: UpgradePlan;
  readonly #client: RawClient;

  constructor(name: string, plan: UpgradePlan) {
    this.name = name;
    this.plan = plan;
    const { leaving, claims } = plan;
    this.#client = new RawClient({
      opening: requestOf(name, claims),
      leaving: leavings[leaving.how],
      afterMs: leaving.afterMs,
    });
  }

  async arrive(fixture: RegistryFixture): Promise<void> {
    const host = await fixture.addHost(this.name);
    await fixture.event(() => host.process?.run(() => this.#client.connect()));
  }

  /** At the end, whatever it was answered. */
  leave(): void {
    this.#client.reset();
  }

  /** What is wrong with its answer, if it should have been a refusal with this status. */
  faultOfRefusal(status: number): string | undefined {
    const { received, hasEnded } = this.#client;
    const end = received.indexOf('\r\n\r\n');
    if (end === -1) return `is answered ${JSON.stringify(received)}`;
    const [statusLine = '', ...headers] = received.slice(0, end).split('\r\n');
    if (!statusLine.startsWith(`HTTP/1.1 ${status} `)) return `is answered ${statusLine}`;
    const length = headers.find((line) => line.startsWith('Content-Length: '))?.slice(16);
    const body = received.slice(end + 4);
    if (String(body.length) !== length) return `is given ${body.length} bytes of ${length}`;
    return hasEnded ? undefined : 'is refused, and its connection is kept';
  }

  faultOfAdmission(): string | undefined {
    const { received, hasEnded } = this.#client;
    if (!received.startsWith('HTTP/1.1 101 ')) return `is answered ${received}`;
    return hasEnded ? 'is admitted and disconnected' : undefined;
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
