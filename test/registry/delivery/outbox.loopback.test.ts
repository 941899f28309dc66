import { describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { bench, contextOf } from '../support/bench.ts';
import { namesOf, record } from '../support/events.ts';
import { once, sleep, until } from '../support/waiting.ts';

/** What a client hears, as text, from now on. */
function hear(client: WebSocket): string[] {
  const heard: string[] = [];
  client.on('message', (data) => heard.push(String(data)));
  return heard;
}

describe('queued messages', () => {
  test('a queued message is replayed once, in order, before anything newer', async () => {
    await using made = await bench();
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
    const events = record(made.registry);
    const { socket, client } = await made.pair();
    const heard = hear(client);

    expect(manager.send('one')).toBe(0);
    manager.send('two');
    expect(manager).toMatchObject({ queuedMessages: 2, queuedBytes: 6 });
    manager.connect(socket);
    expect(manager.send('three')).toBe(1);
    await until(() => heard.length === 3);
    manager.connect((await made.pair()).socket);
    await sleep(20);

    expect(heard).toEqual(['one', 'two', 'three']);
    expect(manager.queuedMessages).toBe(0);
    expect(namesOf(events)).toEqual([
      'messageQueued',
      'messageQueued',
      'connectionOpened',
      'messagesReplayed',
      'connectionOpened',
    ]);
    expect(events[1]?.event).toMatchObject({ bytes: 3, queuedMessages: 2, queuedBytes: 6 });
    expect(events[3]?.event).toMatchObject({ messages: 2, bytes: 6 });
    expect(made.registry.stats()).toMatchObject({ messagesQueued: 2, messagesReplayed: 2 });
  });

  test('a message is queued also while the last connection is still closing', async () => {
    await using made = await bench({ closeTimeoutMs: 5_000 });
    const manager = await made.connectUnresponsive('ada', 'tab-1');
    const [leaving] = manager.connections.values();
    void leaving?.release();

    expect(manager.send('late')).toBe(0);
    const { socket, client } = await made.pair();
    const heard = hear(client);
    manager.connect(socket);

    await until(() => heard.length === 1);
    expect(heard).toEqual(['late']);
  });

  test('a queued message is sent as it was when it was queued', async () => {
    await using made = await bench();
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
    const bytes = Buffer.from('before');
    manager.send(bytes);
    manager.send(new Uint8Array([1, 2, 3]).buffer);
    manager.send(42);
    bytes.write('after!');

    const { socket, client } = await made.pair();
    const heard: [string, boolean][] = [];
    client.on('message', (data: Buffer, isBinary) => heard.push([data.toString('hex'), isBinary]));
    manager.connect(socket);

    await until(() => heard.length === 3);
    expect(heard).toEqual([
      [Buffer.from('before').toString('hex'), true],
      ['010203', true],
      [Buffer.from('42').toString('hex'), false],
    ]);
  });

  test('a queued message is sent before a first message of the caller', async () => {
    await using made = await bench();
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
    manager.send('missed');
    const { socket, client } = await made.pair();
    const heard = hear(client);

    manager.connect(socket).send('hello');

    await until(() => heard.length === 2);
    expect(heard).toEqual(['missed', 'hello']);
  });
});

describe('the outbox', () => {
  test('the outbox drops the oldest message beyond outboxMaxMessages, and says so', async () => {
    await using made = await bench({ outboxMaxMessages: 2 });
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
    const events = record(made.registry);

    for (const text of ['a', 'bb', 'ccc', 'dddd']) manager.send(text);
    const { socket, client } = await made.pair();
    const heard = hear(client);
    manager.connect(socket);

    await until(() => heard.length === 2);
    expect(heard).toEqual(['ccc', 'dddd']);
    const drops = events.filter(({ name }) => name === 'messagesDropped');
    expect(drops.map(({ event }) => event)).toMatchObject([
      { reason: 'outbox-full', messages: 1, bytes: 1 },
      { reason: 'outbox-full', messages: 1, bytes: 2 },
    ]);
    expect(made.registry.stats()).toMatchObject({
      messagesDropped: 2,
      messagesDroppedBy: { 'outbox-full': 2 },
    });
  });

  test('the messages of a manager that goes are reported', async () => {
    await using made = await bench({ reconnectGraceMs: 30, birthGraceMs: 30 });
    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
    const events = record(made.registry);
    manager.send('unwanted!!');

    await until(() => made.registry.size === 0);

    expect(namesOf(events)).toEqual([
      'messageQueued',
      'managerClosing',
      'messagesDropped',
      'managerRemoved',
    ]);
    expect(events[2]?.event).toMatchObject({ reason: 'manager-removed', messages: 1, bytes: 10 });
    expect(manager.send('later still')).toBe(0);
    expect(made.registry.stats().messagesDroppedBy['manager-closed']).toBe(1);
  });
});

test('a message that ws cannot send throws to the caller and is not kept', async () => {
  await using made = await bench();
  const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));

  expect(() => manager.send({} as never)).toThrow(TypeError);
  manager.connect((await made.pair()).socket);
  expect(() => manager.send({} as never)).toThrow(TypeError);

  expect(manager.queuedMessages).toBe(0);
});

test('a connection whose send throws keeps no other from its message', async () => {
  await using made = await bench();
  const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
  const broken = await made.pair();
  const { socket, client } = await made.pair();
  manager.connect(broken.socket);
  manager.connect(socket);
  const events = record(made.registry);
  broken.socket.send = () => {
    throw new Error('broken');
  };
  const heard = once(client, 'message');

  expect(manager.send('to all')).toBe(1);

  expect(String(await heard)).toBe('to all');
  expect(events[0]?.event).toMatchObject({ hook: 'socket' });
});
