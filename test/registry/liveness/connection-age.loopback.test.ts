import { expect, test } from 'vitest';
import { bench, contextOf } from '../support/bench.ts';
import { record } from '../support/events.ts';
import { once, sleep, until } from '../support/waiting.ts';

test('a connection that has reached its age is closed with 4410, however busy it is', async () => {
  await using made = await bench({ maxConnectionAgeMs: 300 });
  const { socket, client } = await made.pair();
  const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
  const connection = manager.connect(socket);
  const events = record(made.registry);
  const closed = new Promise<[number, string]>((resolve) => {
    client.once('close', (code, reason) => resolve([code, reason.toString()]));
  });
  const timer = setInterval(() => client.send('busy'), 10);

  expect(await closed).toEqual([4410, 'connection too old, reconnect']);

  clearInterval(timer);
  await until(() => connection.state === 'closed');
  // Early rather than late, or the stated bound would not be one.
  expect(performance.now() - connection.openedAtMs).toBeGreaterThan(140);
  expect(events.find(({ name }) => name === 'connectionExpelled')?.event).toMatchObject({
    cause: 'age',
    code: 4410,
  });
});

test('a busy connection stays without a maximum age', async () => {
  await using made = await bench({ heartbeatIntervalMs: 60 });
  const manager = await made.connectClient('ada', 'tab-1');

  await sleep(400);

  expect(manager.connections.size).toBe(1);
});

test('a peer that answers pings and sends no message is closed after maxSilenceMs', async () => {
  await using made = await bench({ maxSilenceMs: 200, heartbeatIntervalMs: 40 });
  const { socket, client } = await made.pair();
  const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
  const connection = manager.connect(socket);

  expect(await once<number>(client, 'close')).toBe(4411);

  expect(performance.now() - connection.openedAtMs).toBeGreaterThan(190);
  await until(() => made.registry.stats().connectionsClosedBy.silence === 1);
});

test('a mute peer that is too old is terminated within closeTimeoutMs', async () => {
  await using made = await bench({ maxConnectionAgeMs: 200, closeTimeoutMs: 50 });
  const manager = await made.connectUnresponsive('ada', 'tab-1');
  const [connection] = manager.connections.values();

  await until(() => connection?.state === 'closed', 5_000);

  expect(connection?.terminated).toBe(true);
});
