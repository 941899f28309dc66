import { describe, expect, test } from 'vitest';
import { attachedBench, attempt } from '../support/attached.ts';
import { contextOf } from '../support/bench.ts';
import { upgradeText } from '../support/loopback.ts';
import { until } from '../support/waiting.ts';

describe('accepted upgrades', () => {
  test('an authenticated client is accepted and told its ids', async () => {
    await using made = await attachedBench();
    const client = made.bench.client('/?user=ada&websocketClientId=tab%201');

    const { status, headers } = await attempt(client);

    const [manager] = made.registry.managers('ada');
    expect(status).toBe(101);
    expect(headers['x-websocket-client-id']).toBe('tab%201');
    expect(headers['x-thread-id']).toBe(contextOf('ada', 'tab 1').threadId);
    expect(manager?.context.threadId).toBe(contextOf('ada', 'tab 1').threadId);
    expect(manager?.connections.size).toBe(1);
  });

  test('a client that comes back with the id it was told gets its thread', async () => {
    await using made = await attachedBench();
    const first = await attempt(made.bench.client('/?user=ada'));
    const id = first.headers['x-websocket-client-id'];

    const second = await attempt(made.bench.client(`/?user=ada&websocketClientId=${id}`));

    expect(second.headers['x-thread-id']).toBe(first.headers['x-thread-id']);
    expect(made.registry.count('ada')).toBe(1);
  });

  test('ids of any Unicode are accepted, and percent-encoded in the headers', async () => {
    await using made = await attachedBench();
    const id = encodeURIComponent('плитка 😀');

    const { headers } = await attempt(
      made.bench.client(`/?user=ada&websocketClientId=${id}&threadId=${id}`),
    );

    expect(headers['x-websocket-client-id']).toBe(id);
    expect(headers['x-thread-id']).toBe(id);
  });

  test('the ids that authenticate gives go before those of the query', async () => {
    await using made = await attachedBench({
      authenticate: () => ({ userId: 'ada', websocketClientId: 'theirs', threadId: 'thread-1' }),
    });

    await attempt(made.bench.client('/?websocketClientId=mine&threadId=thread-2'));

    expect(made.registry.managers('ada').map(({ isolationKey }) => isolationKey)).toEqual([
      'ada:thread-1',
    ]);
  });

  test('onConnection is called before the first message, also one that came with the upgrade', async () => {
    const received: string[] = [];
    await using made = await attachedBench({
      onConnection: (connection) => {
        connection.socket.on('message', (data) => received.push(String(data)));
      },
    });
    const hello = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]);

    made.bench.raw('').write(Buffer.concat([Buffer.from(upgradeText('/?user=ada')), hello]));

    await until(() => received.length === 1);
    expect(received).toEqual(['hi']);
  });

  test('two upgrades of one key at the same time get one manager', async () => {
    await using made = await attachedBench();
    const path = '/?user=ada&websocketClientId=tab-1';

    await Promise.all([attempt(made.bench.client(path)), attempt(made.bench.client(path))]);

    expect(made.registry.count('ada')).toBe(1);
    expect(made.registry.managers('ada')[0]?.connections.size).toBe(2);
  });

  test("a foreign thread id gives a manager of the caller's own without authorizeThread", async () => {
    await using made = await attachedBench();
    await attempt(made.bench.client('/?user=ada&threadId=secret-thread'));

    await attempt(made.bench.client('/?user=eve&threadId=secret-thread'));

    expect(made.registry.managers().map(({ isolationKey }) => isolationKey)).toEqual([
      'ada:secret-thread',
      'eve:secret-thread',
    ]);
  });

  test('a new client past a limit of mute peers is accepted', async () => {
    await using made = await attachedBench({}, { maxManagersPerUser: 2 });
    await made.bench.mutePeer('/?user=ada');
    await made.bench.mutePeer('/?user=ada');
    await until(() => made.registry.stats().connections === 2);

    const { status } = await attempt(made.bench.client('/?user=ada'));

    expect(status).toBe(101);
  });
});
