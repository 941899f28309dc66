import { expect, test } from 'vitest';
import { bench, contextOf } from '../support/bench.ts';
import { record } from '../support/events.ts';
import { once, sleep, until } from '../support/waiting.ts';

test('a message larger than maxPayloadBytes closes its connection with 1009', async () => {
  await using made = await bench({ maxPayloadBytes: 1_000 });
  const { socket, client } = await made.pair();
  const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
  const connection = manager.connect(socket);
  const events = record(made.registry);
  let heard = 0;
  socket.on('message', () => {
    heard += 1;
  });
  client.send('x'.repeat(1_000));
  client.send('x'.repeat(1_001));

  expect(await once<number>(client, 'close')).toBe(1009);

  await until(() => connection.state === 'closed');
  expect(heard).toBe(1);
  expect(events[0]?.event).toMatchObject({ cause: 'message-size', code: 1009 });
  expect(events[1]?.event).toMatchObject({ cause: 'message-size' });
  expect(made.registry.stats().connectionsExpelledBy['message-size']).toBe(1);
});

test('maxPayloadBytes holds for a message of many fragments', async () => {
  await using made = await bench({ maxPayloadBytes: 1_000 });
  const { socket, client } = await made.pair();
  (await made.registry.acquire(contextOf('ada', 'tab-1'))).connect(socket);
  for (let fragment = 0; fragment < 11; fragment += 1) {
    client.send('x'.repeat(100), { fin: fragment === 10 });
  }

  expect(await once<number>(client, 'close')).toBe(1009);
});

test('maxPayloadBytes of Infinity leaves the limit to ws', async () => {
  await using made = await bench({ maxPayloadBytes: Infinity });
  const { socket, client } = await made.pair();
  (await made.registry.acquire(contextOf('ada', 'tab-1'))).connect(socket);
  const heard = once<Buffer>(socket, 'message');

  client.send(Buffer.alloc(3 * 2 ** 20));

  expect((await heard).length).toBe(3 * 2 ** 20);
});

test.each([
  ['messages', (client: import('ws').WebSocket) => client.send('x')],
  ['pings', (client: import('ws').WebSocket) => client.ping()],
  ['pongs', (client: import('ws').WebSocket) => client.pong()],
])('a flood of %s is closed with 1008', async (_, flood) => {
  await using made = await bench({ maxFramesPerSecond: 10, maxFrameBurst: 20 });
  const { socket, client } = await made.pair();
  const connection = (await made.registry.acquire(contextOf('ada', 'tab-1'))).connect(socket);
  const events = record(made.registry);
  for (let frame = 0; frame < 25; frame += 1) flood(client);

  expect(await once<number>(client, 'close')).toBe(1008);

  await until(() => connection.state === 'closed');
  expect(events[0]?.event).toMatchObject({ cause: 'frame-rate', code: 1008 });
});

test('a burst of frames that is allowed passes, and again once its time is up', async () => {
  await using made = await bench({ maxFramesPerSecond: 200, maxFrameBurst: 20 });
  const { socket, client } = await made.pair();
  const connection = (await made.registry.acquire(contextOf('ada', 'tab-1'))).connect(socket);

  for (let burst = 0; burst < 3; burst += 1) {
    for (let frame = 0; frame < 20; frame += 1) client.send('x');
    await sleep(150);
  }

  expect(connection.state).toBe('open');
});

test('a steady peer below the frame rate stays, though it sends more than a burst in all', async () => {
  await using made = await bench({ maxFramesPerSecond: 100, maxFrameBurst: 20 });
  const { socket, client } = await made.pair();
  const connection = (await made.registry.acquire(contextOf('ada', 'tab-1'))).connect(socket);

  for (let frame = 0; frame < 40; frame += 1) {
    client.send('x');
    await sleep(12);
  }

  expect(connection.state).toBe('open');
});
