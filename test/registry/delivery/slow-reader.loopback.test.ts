import { expect, test } from 'vitest';
import { type Bench, bench, contextOf } from '../support/bench.ts';
import { record } from '../support/events.ts';
import { once, until } from '../support/waiting.ts';

const chunk = 'x'.repeat(64 * 1024);

/** A manager with a peer that reads nothing, and one that reads everything. */
async function threadOf(made: Bench) {
  const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
  const deaf = await made.pair();
  deaf.client.pause();
  const good = await made.pair();
  let heard = 0;
  good.client.on('message', () => {
    heard += 1;
  });
  const slow = manager.connect(deaf.socket);
  const fast = manager.connect(good.socket);
  return { manager, slow, fast, deaf, heard: () => heard };
}

/** Sends as fast as the fast reader reads, until `enough`. */
async function stream(
  { manager, slow, heard }: Awaited<ReturnType<typeof threadOf>>,
  enough: () => boolean,
): Promise<{ readonly sent: number; readonly mostBuffered: number }> {
  let sent = 0;
  let mostBuffered = 0;
  while (!enough()) {
    manager.send(chunk);
    sent += 1;
    mostBuffered = Math.max(mostBuffered, slow.socket.bufferedAmount);
    if (sent > 2_000) throw new Error('the kernel takes everything');
    await until(() => heard() >= sent - 1);
  }
  await until(() => heard() === sent);
  return { sent, mostBuffered };
}

test('a slow reader is closed with 4412, and the other connections get everything', async () => {
  await using made = await bench({ maxBufferedBytes: 200_000, closeTimeoutMs: 100 });
  const thread = await threadOf(made);
  const events = record(made.registry);

  const { mostBuffered } = await stream(thread, () => thread.slow.state !== 'open');

  expect(mostBuffered).toBeLessThan(201_000);
  await until(() => thread.slow.state === 'closed');
  expect(thread.slow.terminated).toBe(true);
  expect(thread.fast.state).toBe('open');
  expect(events.map(({ name }) => name)).toEqual(['connectionExpelled', 'connectionClosed']);
  expect(events[0]?.event).toMatchObject({ cause: 'slow-reader', code: 4412 });
  expect(events[1]?.event).toMatchObject({ cause: 'slow-reader' });
});

test("a slow reader misses messages with slowReaderPolicy 'drop', and each of them is reported", async () => {
  await using made = await bench({ maxBufferedBytes: 200_000, slowReaderPolicy: 'drop' });
  const thread = await threadOf(made);
  const events = record(made.registry);
  const drops = () => events.filter(({ name }) => name === 'messagesDropped');

  const { mostBuffered } = await stream(thread, () => drops().length === 5);

  expect(mostBuffered).toBeLessThan(201_000);
  expect(thread.slow.state).toBe('open');
  expect(drops()[0]?.event).toMatchObject({
    reason: 'slow-reader',
    messages: 1,
    bytes: chunk.length,
    connectionId: thread.slow.id,
  });
  expect(made.registry.stats()).toMatchObject({
    messagesDropped: 5,
    messagesDroppedBy: { 'slow-reader': 5 },
    messagesQueued: 0,
  });
});

test('a message larger than maxBufferedBytes is sent when nothing else waits', async () => {
  await using made = await bench({ maxBufferedBytes: 1_000 });
  const { socket, client } = await made.pair();
  const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
  manager.connect(socket);
  const heard = once<Buffer>(client, 'message');

  expect(manager.send(chunk)).toBe(1);

  expect((await heard).length).toBe(chunk.length);
});

test('messages that a closed slow reader could not take wait for the next connection', async () => {
  await using made = await bench({ maxBufferedBytes: 200_000, closeTimeoutMs: 50 });
  const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
  const deaf = await made.pair();
  deaf.client.pause();
  manager.connect(deaf.socket);
  let sent = 0;
  while (manager.send(chunk) === 1 && sent < 2_000) {
    sent += 1;
    await new Promise(setImmediate);
  }
  manager.send('the next');

  const { socket, client } = await made.pair();
  const lengths: number[] = [];
  client.on('message', (data: Buffer) => lengths.push(data.length));
  manager.connect(socket);

  await until(() => lengths.length === 2);
  expect(lengths).toEqual([chunk.length, 'the next'.length]);
});

test('a backlog that the application made on the socket itself is found by an inspection', async () => {
  await using made = await bench({
    maxBufferedBytes: 100_000,
    heartbeatIntervalMs: 80,
    heartbeatTimeoutMs: 10_000,
  });
  const deaf = await made.pair();
  deaf.client.pause();
  const connection = (await made.registry.acquire(contextOf('ada', 'tab-1'))).connect(deaf.socket);
  for (let sent = 0; deaf.socket.bufferedAmount < 200_000 && sent < 2_000; sent += 1) {
    deaf.socket.send(chunk);
    await new Promise(setImmediate);
  }

  await until(() => connection.state === 'closed', 5_000);
  expect(made.registry.stats().connectionsExpelledBy['slow-reader']).toBe(1);
});
