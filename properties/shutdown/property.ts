/** What is claimed of a shutdown (G12): whatever the peers do, it settles in its time, lets nobody in and leaves nothing. */
import fc from 'fast-check';
import type { ShutdownReport } from '../../src/index.ts';
import { agree } from '../fixture/assert-equal.ts';
import { Client } from '../fixture/fixture-client.ts';
import { authenticate, Stage } from '../fixture/registry-fixture.ts';
import type { Property } from '../runner/property.ts';

/** How a peer takes it that it is told to go. */
const manners = ['answers', 'deaf', 'vanished', 'authenticating', 'late', 'nobody'] as const;
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

/** Half of a drain is for telling everybody; this much is enough for those who answer. */
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
      return Stage.with({ library, hooks }, async (stage) => {
        const arrived = await arrive(stage, peers);
        const report = await shutDown(stage, how, arrived);
        // What was still said is on its way.
        await stage.advance(10);
        assertEnd(stage, how, arrived, report);
        await stage.event(() => {
          stage.world.network.repairAll();
          for (const { client } of arrived) client.reset();
        });
        await stage.advance(60_000);
        stage.assertNothingIsLeft();
      });
    }),
};

interface Arrived extends Peer {
  readonly client: Client;
}

async function arrive(stage: Stage, peers: readonly Peer[]): Promise<readonly Arrived[]> {
  const arrived: Arrived[] = [];
  for (const [index, { manner, user, thread }] of peers.entries()) {
    const name = `peer-${index}`;
    const client = await Client.on(stage, name, user, `websocketClientId=${thread}&${manner}`);
    arrived.push({ manner, user, thread, client });
    if (manner === 'nobody') {
      const identity = { userId: user, websocketClientId: thread };
      await stage.serverDoes((registry) => {
        void registry.acquire(registry.contextFor(identity));
      });
    } else if (manner !== 'late') await stage.event(() => client.connect(), 10);
    if (manner === 'deaf') client.deafen();
    if (manner === 'vanished') stage.world.network.silence(stage.world.host(name));
  }
  return arrived;
}

async function shutDown(
  stage: Stage,
  how: Call,
  peers: readonly Arrived[],
): Promise<ShutdownReport> {
  const startedAtMs = stage.nowMs;
  const reports: ShutdownReport[] = [];
  const ask = (options: Parameters<typeof stage.registry.shutdown>[0]) => {
    stage.inServer((registry) => {
      void registry.shutdown(options).then((report) => {
        reports.push(report);
        assertNobodyIsThere(stage);
      });
    });
  };
  const { again, ...options } = how;
  await stage.event(() => {
    ask(options);
    for (const one of peers) if (one.manner === 'late') comeLate(stage, one);
  }, again?.afterMs ?? 0);
  if (again !== null) await stage.event(() => ask({ drainMs: again.drainMs }));
  await stage.advance(boundMs(how) - (stage.nowMs - startedAtMs));
  const [report] = reports;
  if (report === undefined) throw new Error(`it has not settled after ${boundMs(how)} ms`);
  agree('calls that have settled', reports.length, again === null ? 1 : 2);
  agree('reports that were given', new Set(reports).size, 1);
  return report;
}

/** Through the door, and as work beside it. */
function comeLate(stage: Stage, { client, user, thread }: Arrived): void {
  client.connect();
  stage.inServer((registry) => {
    const context = registry.contextFor({ userId: user, websocketClientId: thread });
    registry.acquire(context).then(
      () => stage.fail(`${client.name} was given a manager after the shutdown`),
      ({ code }) => {
        if (code !== 'ERR_LEAKTIGHT_REGISTRY_CLOSED') stage.fail(`${client.name} got ${code}`);
      },
    );
  });
}

function boundMs({ drainMs, again }: Call): number {
  if (again === null) return drainMs;
  return Math.max(Math.min(drainMs, again.afterMs + again.drainMs), again.afterMs);
}

/** Asked in the moment in which it settles. */
function assertNobodyIsThere(stage: Stage): void {
  const { managers, connections, waiting } = stage.registry.stats();
  const left = managers + connections + waiting;
  if (left > 0)
    stage.fail(`left by the shutdown: ${JSON.stringify({ managers, connections, waiting })}`);
}

function assertEnd(
  stage: Stage,
  how: Call,
  peers: readonly Arrived[],
  report: ShutdownReport,
): void {
  const connected = peers.filter(({ manner }) => ['answers', 'deaf', 'vanished'].includes(manner));
  agree('connections that it found', report.connections, connected.length);
  const held = peers.filter(({ manner }) => !['late', 'authenticating'].includes(manner));
  const keys = new Set(held.map(({ user, thread }) => `${user}/${thread}`));
  agree('managers that it found', report.managers, keys.size);
  agree('managers that are removed', stage.registry.stats().managersRemovedBy.shutdown, keys.size);
  for (const { manner, client } of peers) {
    const isOutside = manner === 'late' || manner === 'authenticating';
    if (isOutside && (client.state === 'in' || client.state === 'coming')) {
      throw new Error(`${client.name}, who was outside, is ${client.state}`);
    }
    if (boundMs(how) < unhurriedMs) continue;
    if (isOutside) agree(`answer to ${client.name}`, client.status, 503);
    if (manner === 'answers') agree(`code that ${client.name} was told`, client.closeCode, 1001);
  }
}
