/** What is done to the registry and to its model alike. After each command both must say the same. */
import fc from 'fast-check';
import { assertEqual } from '../fixture/assert-equal.ts';
import type { FixtureClient } from '../fixture/fixture-client.ts';
import type { RegistryFixture } from '../fixture/registry-fixture.ts';
import { type Model, type TabName, tabs } from './model.ts';

/** The registry on its stage, and its clients by the names of their tabs. */
export interface Real {
  readonly fixture: RegistryFixture;
  readonly clients: ReadonlyMap<string, FixtureClient>;
}

/** Virtual milliseconds of a command: long enough for a handshake, a probe that is answered and an end. */
const commandMs = 100;

abstract class Command implements fc.AsyncCommand<Model, Real> {
  abstract toString(): string;
  abstract check(model: Readonly<Model>): boolean;

  async run(model: Model, real: Real): Promise<void> {
    const { fixture } = real;
    await this.perform(model, real);
    await fixture.advance((Math.floor(fixture.nowMs / commandMs) + 1) * commandMs - fixture.nowMs);
    model.moveTo(fixture.nowMs);
    assertAgreement(model, real, this.toString());
  }

  protected abstract perform(model: Model, real: Real): Promise<void>;
}

abstract class OfTab extends Command {
  protected readonly name: TabName;

  constructor(name: TabName) {
    super();
    this.name = name;
  }

  protected clientOf({ clients }: Real): FixtureClient {
    return clientNamed(clients, this.name.tab);
  }
}

class Connect extends OfTab {
  toString = () => `connect ${this.name.tab}`;
  check = (model: Readonly<Model>) => !model.isConnected(this.name);

  protected async perform(model: Model, real: Real): Promise<void> {
    const client = this.clientOf(real);
    const expected = model.connect(this.name);
    await real.fixture.event(() => client.connect(), commandMs / 2);
    const answer = client.state === 'in' ? 'in' : client.status;
    assertEqual(`${this.name.tab} is answered`, answer, expected);
  }
}

class Reload extends OfTab {
  toString = () => `reload ${this.name.tab}`;
  check = (model: Readonly<Model>) => model.isConnected(this.name);

  protected async perform(model: Model, real: Real): Promise<void> {
    model.reload();
    await real.fixture.event(() => this.clientOf(real).reload());
  }
}

class Leave extends OfTab {
  readonly #how: 'close' | 'reset';

  constructor(name: TabName, how: 'close' | 'reset') {
    super(name);
    this.#how = how;
  }

  toString = () => `${this.#how} ${this.name.tab}`;
  check = (model: Readonly<Model>) => model.isConnected(this.name);

  protected async perform(model: Model, real: Real): Promise<void> {
    model.disconnect(this.name);
    const client = this.clientOf(real);
    await real.fixture.event(() => (this.#how === 'close' ? client.close() : client.reset()));
  }
}

/** All absent tabs of a user come, until there is no room and beyond. */
class FillUp extends Command {
  readonly #user: string;

  constructor(user: string) {
    super();
    this.#user = user;
  }

  toString = () => `fill up ${this.#user}`;
  check = () => true;

  protected async perform(model: Model, real: Real): Promise<void> {
    for (const name of tabs) {
      const connect = new Connect(name);
      if (name.user === this.#user && connect.check(model)) await connect.run(model, real);
    }
  }
}

class Send extends OfTab {
  readonly #text: string;

  constructor(name: TabName, text: string) {
    super(name);
    this.#text = text;
  }

  toString = () => `send ${this.#text} to ${this.name.thread}`;
  check = (model: Readonly<Model>) => model.hasThread(this.name.thread);

  protected async perform(model: Model, { fixture }: Real): Promise<void> {
    model.send(this.name.thread, this.#text);
    await fixture.serverDoes((registry) => {
      const { user: userId, thread: websocketClientId } = this.name;
      registry.get(registry.contextFor({ userId, websocketClientId }))?.send(this.#text);
    });
  }
}

/** Work beside the socket asks for the manager of a thread. */
class Acquire extends OfTab {
  toString = () => `acquire ${this.name.thread}`;
  check = () => true;

  protected async perform(model: Model, { fixture }: Real): Promise<void> {
    const { user: userId, thread: websocketClientId } = this.name;
    const expected = model.acquire(userId, websocketClientId);
    let answer: unknown = 'none';
    await fixture.serverDoes((registry) => {
      const acquired = registry.acquire(registry.contextFor({ userId, websocketClientId }));
      acquired.then(
        ({ state }) => {
          answer = state === 'open' ? 'in' : state;
        },
        (error) => {
          answer = error.code === 'ERR_LEAKTIGHT_REGISTRY_CLOSED' ? 503 : 429;
        },
      );
    }, commandMs / 2);
    assertEqual(`acquire of ${websocketClientId} gives`, answer, expected);
  }
}

class Tick extends Command {
  readonly #ms: number;

  constructor(ms: number) {
    super();
    this.#ms = ms;
  }

  toString = () => `tick ${this.#ms}`;
  check = () => true;

  protected perform(_model: Model, { fixture }: Real): Promise<void> {
    return fixture.advance(this.#ms);
  }
}

class ShutDown extends Command {
  toString = () => 'shut down';
  check = () => true;

  protected async perform(model: Model, { fixture }: Real): Promise<void> {
    model.shutDown();
    let settled = false;
    await fixture.serverDoes((registry) => {
      void registry.shutdown({ drainMs: 5_000 }).then(() => {
        settled = true;
      });
    }, commandMs / 2);
    assertEqual('shutdown has settled', settled, true);
  }
}

const tab = fc.constantFrom(...tabs);

const departure = fc.tuple(tab, fc.constantFrom('close', 'reset'));

const message = fc.tuple(tab, fc.nat(99)).map(([name, number]) => [name, `m${number}`] as const);

/** Within a grace, past the one or both of them, and past a heartbeat. */
const tickMs = fc.constantFrom(1_000, 5_000, 11_000, 45_000);

/** Connects are the most frequent, since nothing happens without them; after a shutdown little can. */
export const command: fc.Arbitrary<fc.AsyncCommand<Model, Real>> = fc.oneof(
  { weight: 12, arbitrary: tab.map((name) => new Connect(name)) },
  { weight: 8, arbitrary: departure.map(([name, how]) => new Leave(name, how)) },
  { weight: 4, arbitrary: tab.map((name) => new Reload(name)) },
  { weight: 8, arbitrary: message.map(([name, text]) => new Send(name, text)) },
  { weight: 4, arbitrary: tab.map((name) => new Acquire(name)) },
  { weight: 4, arbitrary: tickMs.map((ms) => new Tick(ms)) },
  { weight: 3, arbitrary: fc.constantFrom('ada', 'bob').map((user) => new FillUp(user)) },
  { weight: 1, arbitrary: fc.constant(new ShutDown()) },
);

function assertAgreement(model: Model, { fixture, clients }: Real, command: string): void {
  fixture.assertCountersAreTrue();
  const stats = new Map(Object.entries(fixture.registry.stats()));
  for (const [name, expected] of Object.entries(model.stats)) {
    assertEqual(`after ${command}: ${name}`, stats.get(name), expected);
  }
  for (const user of ['ada', 'bob']) {
    assertEqual(
      `after ${command}: count of ${user}`,
      fixture.registry.count(user),
      model.countOf(user),
    );
  }
  for (const name of tabs) {
    const { state, heard } = clientNamed(clients, name.tab);
    const said = model.heard.get(name.tab) ?? [];
    assertEqual(`after ${command}: ${name.tab} is in`, state === 'in', model.isConnected(name));
    assertEqual(`after ${command}: ${name.tab} heard`, heard.join(), said.join());
  }
}

function clientNamed(clients: ReadonlyMap<string, FixtureClient>, tab: string): FixtureClient {
  const client = clients.get(tab);
  if (client === undefined) throw new Error(`no client ${tab}`);
  return client;
}
