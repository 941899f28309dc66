import { expect, test } from 'vitest';
import {
  type HookErrorEvent,
  UserExecutionContext,
  type WebSocketConnection,
} from '../../../src/index.ts';
import { attachedBench, attempt } from '../support/attached.ts';
import { namesOf, record } from '../support/events.ts';
import { once } from '../support/waiting.ts';

test('a manager that is closed between acquire and handshake is acquired again', async () => {
  await using made = await attachedBench();
  let closed = 0;
  made.registry.on('managerCreated', ({ manager }) => {
    closed += 1;
    if (closed === 1) void manager.close();
  });

  const { status } = await attempt(made.bench.client('/?user=ada'));

  expect(status).toBe(101);
  expect(made.registry.stats()).toMatchObject({ managersCreated: 2, managers: 1, connections: 1 });
});

test('an upgrade whose manager is closed each time is given up with 503', async () => {
  await using made = await attachedBench();
  made.registry.on('managerCreated', ({ manager }) => void manager.close());

  const { status } = await attempt(made.bench.client('/?user=ada'));

  expect(status).toBe(503);
  expect(made.registry.stats()).toMatchObject({ managersCreated: 3, managers: 0 });
});

test('a connection beyond maxConnectionsPerManager is accepted and closed with 1013', async () => {
  await using made = await attachedBench({}, { maxConnectionsPerManager: 1 });
  const path = '/?user=ada&websocketClientId=tab-1';
  await attempt(made.bench.client(path));

  expect(await once<number>(made.bench.client(path), 'close')).toBe(1013);
  expect(made.registry.stats()).toMatchObject({ connections: 1, connectionsRefused: 1 });
});

test('an onConnection that throws or rejects is reported, and the connection stays', async () => {
  for (const onConnection of [
    () => {
      throw new Error('boom');
    },
    async (_connection: WebSocketConnection) => {
      throw new Error('boom');
    },
  ]) {
    await using made = await attachedBench({ onConnection });
    const reported = once<HookErrorEvent>(made.registry, 'hookError');
    const client = made.bench.client('/?user=ada');

    expect((await attempt(client)).status).toBe(101);

    expect(await reported).toMatchObject({ hook: 'onConnection', userId: 'ada' });
    expect(made.registry.stats().connections).toBe(1);
  }
});

test('an accepted upgrade is told as events in order', async () => {
  await using made = await attachedBench();
  const events = record(made.registry);

  await attempt(made.bench.client('/?user=ada&websocketClientId=tab-1'));

  expect(namesOf(events)).toEqual(['managerCreated', 'connectionOpened', 'clientIntroduced']);
  expect(events[2]?.event).toMatchObject({ websocketClientId: 'tab-1', count: 1, limit: 20 });
});

test('the identitySecret of the registry keys the thread ids of upgrades', async () => {
  await using made = await attachedBench({}, { identitySecret: 's3cret' });

  const { headers } = await attempt(made.bench.client('/?user=ada&websocketClientId=tab-1'));

  expect(headers['x-thread-id']).toBe(
    UserExecutionContext.fromWebSocketRequest({
      userId: 'ada',
      websocketClientId: 'tab-1',
      identitySecret: 's3cret',
    }).threadId,
  );
});
