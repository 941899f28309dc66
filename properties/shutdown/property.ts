/**
 * The property of a shutdown (G12): whatever the peers do, it settles in time, accepts no acquire and leaves nothing.
 */
import fc from 'fast-check';
import type { ShutdownReport } from '../../src/index.ts';
import { assertEqual } from '../fixture/assert-equal.ts';
import { FixtureClient } from '../fixture/fixture-client.ts';
import { authenticate, RegistryFixture } from '../fixture/registry-fixture.ts';
import type { Property } from '../runner/property.ts';

/** How a peer reacts to the close frame of the shutdown. */
const manners = ['answers', 'deaf', 'vanished', 'authenticating', 'late', 'absent'] as const;
type Manner = (typeof manners)[number];

/** Two users with a few threads each, some of which have several tabs. */
const peer = fc.record(
  {
    manner: fc.constantFrom(...manners),
    user: fc.constantFrom('ada', 'bob'),
    thread: fc.constantFrom('x', 'y', 'z'),
  },
  { noNullPrototype: true },
);

/** From none at all to longer than any peer needs. */
const drainMs = fc.constantFrom(0, 1, 20, 100, 1_000, 10_000);

const call = fc.record(
  {
    drainMs,
    batchSize: fc.constantFrom(1, 2, 100),
    batchIntervalMs: fc.constantFrom(1, 100, 5_000),
    /** A second, perhaps more impatient call, so long after the first. */
    again: fc.option(
      fc.record({ afterMs: fc.constantFrom(0, 5, 500), drainMs }, { noNullPrototype: true }),
    ),
  },
  { noNullPrototype: true },
);

interface Peer {
  readonly manner: Manner;
  readonly user: string;
  readonly thread: string;
}

interface Call {
  readonly drainMs: number;
  readonly batchSize: number;
  readonly batchIntervalMs: number;
  readonly again: { readonly afterMs: number; readonly drainMs: number } | null;
}

/** Half of a drain is for telling all peers; this much is enough for those that answer. */
const unhurriedMs = 1_000;

export const shutdownProperty: Property = {
  title: 'a shutdown settles within its drain whatever the peers do, and leaves nothing',
  runs: 100,
  over: ({ library }) =>
    fc.asyncProperty(fc.array(peer, { maxLength: 8, size: 'max' }), call, (peers, how) => {
      const hooks = {
        authenticate: (request: Parameters<typeof authenticate>[0]) =>
          request.url?.includes('authenticating')
            ? new Promise<null>(() => {})
            : authenticate(request),
      };
      return RegistryFixture.with({ library, hooks }, async (fixture) => {
        const arrived = await arrive(fixture, peers);
        const report = await shutDown(fixture, how, arrived);
        // What was still said is on its way.
        await fixture.advance(10);
        assertEnd(fixture, how, arrived, report);
        await fixture.event(() => {
          fixture.world.network.repairAll();
          for (const { client } of arrived) client.reset();
        });
        await fixture.advance(60_000);
        fixture.assertNothingIsLeft();
      });
    }),
};

interface Arrived extends Peer {
  readonly client: FixtureClient;
}

async function arrive(
  fixture: RegistryFixture,
  peers: readonly Peer[],
): Promise<readonly Arrived[]> {
  const arrived: Arrived[] = [];
  for (const [index, { manner, user, thread }] of peers.entries()) {
    const name = `peer-${index}`;
    const client = await FixtureClient.on(
      fixture,
      name,
      user,
      `websocketClientId=${thread}&${manner}`,
    );
    arrived.push({ manner, user, thread, client });
    if (manner === 'absent') {
      const identity = { userId: user, websocketClientId: thread };
      await fixture.serverDoes((registry) => {
        void registry.acquire(registry.contextFor(identity));
      });
    } else if (manner !== 'late') await fixture.event(() => client.connect(), 10);
    if (manner === 'deaf') client.deafen();
    if (manner === 'vanished') fixture.world.network.silence(fixture.world.host(name));
  }
  return arrived;
}

async function shutDown(
  fixture: RegistryFixture,
  how: Call,
  peers: readonly Arrived[],
): Promise<ShutdownReport> {
  const startedAtMs = fixture.nowMs;
  const reports: ShutdownReport[] = [];
  const ask = (options: Parameters<typeof fixture.registry.shutdown>[0]) => {
    fixture.inServer((registry) => {
      void registry.shutdown(options).then((report) => {
        reports.push(report);
        assertNobodyIsThere(fixture);
      });
    });
  };
  const { again, ...options } = how;
  await fixture.event(() => {
    ask(options);
    for (const one of peers) if (one.manner === 'late') comeLate(fixture, one);
  }, again?.afterMs ?? 0);
  if (again !== null) await fixture.event(() => ask({ drainMs: again.drainMs }));
  await fixture.advance(boundMs(how) - (fixture.nowMs - startedAtMs));
  const [report] = reports;
  if (report === undefined) throw new Error(`it has not settled after ${boundMs(how)} ms`);
  assertEqual('calls that have settled', reports.length, again === null ? 1 : 2);
  assertEqual('reports that were given', new Set(reports).size, 1);
  return report;
}

/** By an upgrade, and as work beside it. */
function comeLate(fixture: RegistryFixture, { client, user, thread }: Arrived): void {
  client.connect();
  fixture.inServer((registry) => {
    const context = registry.contextFor({ userId: user, websocketClientId: thread });
    registry.acquire(context).then(
      () => fixture.fail(`${client.name} was given a manager after the shutdown`),
      ({ code }) => {
        if (code !== 'ERR_LEAKTIGHT_REGISTRY_CLOSED') fixture.fail(`${client.name} got ${code}`);
      },
    );
  });
}

function boundMs({ drainMs, again }: Call): number {
  if (again === null) return drainMs;
  return Math.max(Math.min(drainMs, again.afterMs + again.drainMs), again.afterMs);
}

/** Asked in the moment in which it settles. */
function assertNobodyIsThere(fixture: RegistryFixture): void {
  const { managers, connections, waiting } = fixture.registry.stats();
  const left = managers + connections + waiting;
  if (left > 0)
    fixture.fail(`left by the shutdown: ${JSON.stringify({ managers, connections, waiting })}`);
}

function assertEnd(
  fixture: RegistryFixture,
  how: Call,
  peers: readonly Arrived[],
  report: ShutdownReport,
): void {
  const connected = peers.filter(({ manner }) => ['answers', 'deaf', 'vanished'].includes(manner));
  assertEqual('connections that it found', report.connections, connected.length);
  const held = peers.filter(({ manner }) => !['late', 'authenticating'].includes(manner));
  const keys = new Set(held.map(({ user, thread }) => `${user}/${thread}`));
  assertEqual('managers that it found', report.managers, keys.size);
  assertEqual(
    'managers that are removed',
    fixture.registry.stats().managersRemovedBy.shutdown,
    keys.size,
  );
  for (const { manner, client } of peers) {
    const isOutside = manner === 'late' || manner === 'authenticating';
    if (isOutside && (client.state === 'in' || client.state === 'coming')) {
      throw new Error(`${client.name}, which was not connected, is ${client.state}`);
    }
    if (boundMs(how) < unhurriedMs) continue;
    if (isOutside) assertEqual(`answer to ${client.name}`, client.status, 503);
    if (manner === 'answers')
      assertEqual(`code that ${client.name} was told`, client.closeCode, 1001);
  }
}
