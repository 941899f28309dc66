/**
 * The property of waiting messages (G11): bounded in number, bytes and age, replayed once and in order; dropped
 * messages are reported. A model computes which those are.
 */
import fc from 'fast-check';
import type { WebSocketManager } from '../../src/index.ts';
import { assertEqual } from '../fixture/assert-equal.ts';
import { FixtureClient } from '../fixture/fixture-client.ts';
import { RegistryFixture } from '../fixture/registry-fixture.ts';
import type { Property } from '../runner/property.ts';

/** Steps begin at full tenths of a second, and no message gets too old while one is under way. */
const stepMs = 100;
const offBeatMs = 50;

const bounds = fc.record(
  {
    outboxMaxMessages: fc.constantFrom(0, 1, 3, 1_000),
    outboxMaxBytes: fc.constantFrom(1, 12, 1_000),
    outboxMaxAgeMs: fc.constantFrom(300 + offBeatMs, 2_000 + offBeatMs),
  },
  { noNullPrototype: true },
);

type Bounds = { readonly outboxMaxMessages: number; readonly outboxMaxBytes: number } & {
  readonly outboxMaxAgeMs: number;
};

type Step =
  | { readonly send: number }
  | { readonly wait: number }
  | { readonly comes: Tab }
  | { readonly goes: Tab };

/** Tabs of one thread: the second to connect must receive no message again. */
type Tab = 'first' | 'second';

const tab = fc.constantFrom<Tab>('first', 'second');

/** Characters of two bytes each; a few messages fill the smaller bounds. */
const send = fc.constantFrom(0, 1, 2, 5, 20).map((characters): Step => ({ send: characters }));

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: send },
  { weight: 2, arbitrary: fc.constantFrom(200, 1_000, 40_000).map((ms): Step => ({ wait: ms })) },
  { weight: 2, arbitrary: tab.map((name): Step => ({ comes: name })) },
  { weight: 2, arbitrary: tab.map((name): Step => ({ goes: name })) },
);

const stay = 10_000_000;

export const outboxProperty: Property = {
  title: 'messages that wait are bounded and replayed once in order, and dropped ones are reported',
  runs: 150,
  over: ({ library }) =>
    fc.asyncProperty(
      bounds,
      fc.array(step, { maxLength: 25, size: 'max' }),
      async (limits, steps) => {
        const registry = { ...limits, reconnectGraceMs: stay, birthGraceMs: stay };
        await RegistryFixture.with({ library, registry }, async (fixture) => {
          const play = await Play.on(fixture, limits);
          // The last connection receives the remaining messages.
          for (const one of [...steps, ...lastSteps]) await play.take(one);
          play.assertAllIsTold();
        });
      },
    ),
};

const lastSteps: readonly Step[] = [{ goes: 'first' }, { goes: 'second' }, { comes: 'first' }];

interface Waiting {
  readonly text: string;
  readonly bytes: number;
  readonly atMs: number;
}

class Play {
  readonly #fixture: RegistryFixture;
  readonly #limits: Bounds;
  readonly #manager: WebSocketManager;
  readonly #clients: Readonly<Record<Tab, FixtureClient>>;
  readonly #expected: Record<Tab, string[]> = { first: [], second: [] };
  readonly #in = new Set<Tab>();
  #waiting: Waiting[] = [];
  #sent = 0;
  readonly #counts = { queued: 0, replayed: 0, full: 0, expired: 0 };

  private constructor(
    fixture: RegistryFixture,
    limits: Bounds,
    manager: WebSocketManager,
    clients: Readonly<Record<Tab, FixtureClient>>,
  ) {
    this.#fixture = fixture;
    this.#limits = limits;
    this.#manager = manager;
    this.#clients = clients;
  }

  static async on(fixture: RegistryFixture, limits: Bounds): Promise<Play> {
    const query = 'websocketClientId=tab';
    const first = await FixtureClient.on(fixture, 'first', 'ada', query);
    const second = await FixtureClient.on(fixture, 'second', 'ada', query);
    const context = fixture.registry.contextFor({ userId: 'ada', websocketClientId: 'tab' });
    await fixture.serverDoes((registry) => void registry.acquire(context));
    const manager = fixture.registry.get(context);
    if (manager === undefined) throw new Error('an acquire gave no manager');
    return new Play(fixture, limits, manager, { first, second });
  }

  async take(step: Step): Promise<void> {
    const fixture = this.#fixture;
    if ('send' in step) await this.#send(step.send);
    else if ('wait' in step) await fixture.advance(step.wait);
    else if ('comes' in step) await this.#come(step.comes);
    else await this.#go(step.goes);
    await fixture.advance((Math.floor(fixture.nowMs / stepMs) + 1) * stepMs - fixture.nowMs);
    for (const name of ['first', 'second'] as const) {
      assertEqual(`${name} heard`, this.#clients[name].heard.join(), this.#expected[name].join());
    }
  }

  async #send(characters: number): Promise<void> {
    const text = `${this.#sent++}`.padEnd(characters, 'é');
    this.#keepOrSend(text);
    await this.#fixture.serverDoes(() => void this.#manager.send(text));
    this.#assertSame();
  }

  async #come(tab: Tab): Promise<void> {
    if (this.#in.has(tab)) return;
    this.#expire();
    this.#in.add(tab);
    this.#expected[tab].push(...this.#waiting.map(({ text }) => text));
    this.#counts.replayed += this.#waiting.length;
    this.#waiting = [];
    await this.#fixture.event(() => this.#clients[tab].connect(), stepMs / 2);
    this.#assertSame();
  }

  #go(tab: Tab): Promise<void> {
    this.#in.delete(tab);
    return this.#fixture.event(() => this.#clients[tab].close());
  }

  // The model.

  #keepOrSend(text: string): void {
    for (const tab of this.#in) this.#expected[tab].push(text);
    if (this.#in.size > 0) return;
    const bytes = Buffer.byteLength(text);
    const { outboxMaxMessages, outboxMaxBytes } = this.#limits;
    this.#expire();
    if (outboxMaxMessages === 0 || bytes > outboxMaxBytes) {
      this.#counts.full += 1;
      return;
    }
    this.#waiting.push({ text, bytes, atMs: this.#fixture.nowMs });
    this.#counts.queued += 1;
    while (this.#waiting.length > outboxMaxMessages || this.#bytes > outboxMaxBytes) {
      this.#waiting.shift();
      this.#counts.full += 1;
    }
  }

  get #bytes(): number {
    return this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #expire(): void {
    const bornAfterMs = this.#fixture.nowMs - this.#limits.outboxMaxAgeMs;
    const young = this.#waiting.filter(({ atMs }) => atMs > bornAfterMs);
    this.#counts.expired += this.#waiting.length - young.length;
    this.#waiting = young;
  }

  // Comparisons of the registry and the model.

  /** Right after something was sent or replayed, when nothing too old is kept. */
  #assertSame(): void {
    const { queuedMessages, queuedBytes } = this.#manager;
    assertEqual('messages that wait', queuedMessages, this.#waiting.length);
    assertEqual('bytes that wait', queuedBytes, this.#bytes);
  }

  /** Every message that was not heard was reported, with its reason, and counters always equal the emitted events. */
  assertAllIsTold(): void {
    const fixture = this.#fixture;
    const { queued, replayed, full, expired } = this.#counts;
    const { messagesQueued, messagesReplayed, messagesDroppedBy } = fixture.registry.stats();
    assertEqual('messages queued', messagesQueued, queued);
    assertEqual('messages replayed', messagesReplayed, replayed);
    assertEqual(
      'messages dropped since the outbox was full',
      messagesDroppedBy['outbox-full'],
      full,
    );
    assertEqual(
      'messages dropped since they were old',
      messagesDroppedBy['outbox-expired'],
      expired,
    );
    const told = (fixture.told ?? []).map((one) =>
      one.name === 'messagesDropped' ? one.event.messages : 0,
    );
    const dropped = told.reduce((sum, messages) => sum + messages, 0);
    assertEqual('messages whose end was told', dropped, full + expired);
    fixture.assertCountersAreTrue();
  }
}
