import { describe, expect, test } from 'vitest';
import { clockBench, connect } from '../support/clock.ts';
import { FakeSocket } from '../support/fake-socket.ts';

describe('queued messages', () => {
  test('queued messages are replayed once and in order, and before anything newer', async () => {
    using made = clockBench();
    const manager = await made.manager('ada', 'tab-1');
    expect(manager.send('one')).toBe(0);
    expect(manager.send(Buffer.from('zwei'))).toBe(0);
    expect(manager).toMatchObject({ queuedMessages: 2, queuedBytes: 7 });

    const socket = new FakeSocket();
    const connection = connect(manager, socket, 'phone');
    manager.send('three');

    expect(socket.sent.map(String)).toEqual(['one', 'zwei', 'three']);
    expect(manager).toMatchObject({ queuedMessages: 0, queuedBytes: 0 });
    expect(made.eventsNamed('messagesReplayed')).toMatchObject([
      { userId: 'ada', connectionId: connection.id, messages: 2, bytes: 7 },
    ]);
    const again = new FakeSocket();
    connect(manager, again);
    expect(again.sent).toEqual([]);
    expect(made.eventsNamed('messagesReplayed')).toHaveLength(1);
    expect(made.registry.stats()).toMatchObject({ messagesQueued: 2, messagesReplayed: 2 });
  });

  test('queued messages are dropped at outboxMaxAgeMs, at the next look or by the sweep', async () => {
    using made = clockBench({
      outboxMaxAgeMs: 20_000,
      reconnectGraceMs: 300_000,
      sweepIntervalMs: 50_000,
    });
    const manager = await made.manager('ada', 'tab-1');
    manager.send('one');
    await made.pass(10_000);
    manager.send('two');

    await made.pass(9_999);
    manager.send('three');
    expect(manager.queuedMessages).toBe(3);
    await made.pass(1);
    manager.send('four');
    expect(made.eventsNamed('messagesDropped')).toMatchObject([
      { reason: 'outbox-expired', messages: 1, bytes: 3 },
    ]);
    expect(manager.queuedMessages).toBe(3);
    await made.pass(30_000);

    expect(manager.queuedMessages).toBe(0);
    expect(made.eventsNamed('messagesDropped')).toMatchObject([
      {},
      { reason: 'outbox-expired', messages: 3, bytes: 12, userId: 'ada' },
    ]);
    expect(made.eventsNamed('sweepFinished')).toMatchObject([
      { managers: 0, messages: 3, accounts: 0 },
    ]);
  });

  test('a message that is older than outboxMaxAgeMs is never replayed', async () => {
    using made = clockBench({
      outboxMaxAgeMs: 20_000,
      reconnectGraceMs: 300_000,
      sweepIntervalMs: 600_000,
    });
    const manager = await made.manager('ada', 'tab-1');
    manager.send('old');
    await made.pass(20_000);
    manager.send('young');
    const socket = new FakeSocket();

    connect(manager, socket);

    expect(socket.sent).toEqual(['young']);
    expect(made.registry.stats().messagesDroppedBy['outbox-expired']).toBe(1);
  });

  test('queued messages are looked at by a sweep when they are due, and not before', async () => {
    using made = clockBench({
      outboxMaxAgeMs: 20_000,
      reconnectGraceMs: 300_000,
      sweepIntervalMs: 10_000,
    });
    const manager = await made.manager('ada', 'tab-1');
    await made.pass(5_000);
    manager.send('one');
    await made.pass(10_000);
    manager.send('two');

    await made.pass(5_000);
    expect(manager.queuedMessages).toBe(2);
    await made.pass(10_000);
    expect(manager.queuedMessages).toBe(1);
    await made.pass(10_000);

    expect(manager.queuedMessages).toBe(0);
    expect(made.eventsNamed('sweepFinished').map(({ messages }) => messages)).toEqual([0, 0, 1, 1]);
  });

  test('replayed messages do not concern a sweep', async () => {
    using made = clockBench({ outboxMaxAgeMs: 5_000, sweepIntervalMs: 10_000 });
    const manager = await made.manager('ada', 'tab-1');
    manager.send('one');
    const socket = new FakeSocket();
    connect(manager, socket);
    void manager.close();

    await made.pass(20_000);

    expect(made.registry.sweep()).toMatchObject({ messages: 0 });
    expect(made.eventsNamed('messagesDropped')).toEqual([]);
  });

  test('the oldest queued messages make room for newer ones by number', async () => {
    using made = clockBench({ outboxMaxMessages: 2 });
    const manager = await made.manager('ada', 'tab-1');

    for (const text of ['1', '22', '333']) manager.send(text);

    expect(manager).toMatchObject({ queuedMessages: 2, queuedBytes: 5 });
    expect(made.eventsNamed('messagesDropped')).toMatchObject([
      { reason: 'outbox-full', messages: 1, bytes: 1 },
    ]);
    expect(made.eventsNamed('messagesDropped')[0]).not.toHaveProperty('connectionId');
    const socket = new FakeSocket();
    connect(manager, socket);
    expect(socket.sent).toEqual(['22', '333']);
  });

  test('the oldest queued messages make room for newer ones by bytes', async () => {
    using made = clockBench({ outboxMaxBytes: 10 });
    const manager = await made.manager('ada', 'tab-1');

    for (const text of ['1234', '5678', '90']) manager.send(text);
    expect(manager.queuedBytes).toBe(10);
    manager.send('12345');
    expect(manager).toMatchObject({ queuedMessages: 2, queuedBytes: 7 });
    manager.send('x'.repeat(11));
    manager.send('x'.repeat(10));

    expect(manager).toMatchObject({ queuedMessages: 1, queuedBytes: 10 });
    expect(
      made.eventsNamed('messagesDropped').map(({ messages, bytes }) => [messages, bytes]),
    ).toEqual([
      [2, 8],
      [1, 11],
      [2, 7],
    ]);
  });

  test('queued messages are reported when their manager goes', async () => {
    using made = clockBench();
    const manager = await made.manager('ada', 'tab-1');
    manager.send('one');
    manager.send('two');

    await made.registry.release(manager);

    expect(made.eventsNamed('messagesDropped')).toMatchObject([
      { reason: 'manager-removed', messages: 2, bytes: 6 },
    ]);
    expect(manager.queuedMessages).toBe(0);
    await made.pass(100_000);
    expect(made.eventsNamed('messagesDropped')).toHaveLength(1);
    expect(made.registry.stats().messagesDropped).toBe(2);
  });

  test('messages are not queued with outboxMaxMessages 0', async () => {
    using made = clockBench({ outboxMaxMessages: 0 });
    const manager = await made.manager('ada', 'tab-1');

    expect(manager.send('one')).toBe(0);

    expect(manager.queuedMessages).toBe(0);
    expect(made.eventsNamed('messagesDropped')).toMatchObject([
      { reason: 'outbox-full', bytes: 3 },
    ]);
    expect(made.registry.stats().messagesDroppedBy['outbox-full']).toBe(1);
  });
});

describe('queued data', () => {
  const buffer = new Uint8Array([1, 2, 3, 4, 5, 6]);
  test.each([
    ['a string', 'añb', 4],
    ['a number', 1_234, 4],
    ['a blob', new Blob(['hello']), 5],
    ['a buffer', Buffer.from(buffer), 6],
    ['a part of a buffer', buffer.subarray(2, 5), 3],
    ['an array buffer', new ArrayBuffer(7), 7],
    ['a shared array buffer', new SharedArrayBuffer(8), 8],
    ['an array of bytes', [1, 2, 3], 3],
  ])('%s is queued as it was sent', async (_what, data, bytes) => {
    using made = clockBench();
    const manager = await made.manager('ada', 'tab-1');
    manager.send(data as string);
    expect(manager.queuedBytes).toBe(bytes);

    const socket = new FakeSocket();
    connect(manager, socket);

    const [sent] = socket.sent;
    const isKept = typeof data !== 'object' || data instanceof Blob;
    expect(sent).toEqual(isKept ? data : Buffer.from(new Uint8Array(bytesIn(data))));
  });

  test('queued data does not change when the caller uses its buffer again', async () => {
    using made = clockBench();
    const manager = await made.manager('ada', 'tab-1');
    const data = Buffer.from('first');
    manager.send(data);
    data.write('other');

    const socket = new FakeSocket();
    connect(manager, socket);

    expect(socket.sent.map(String)).toEqual(['first']);
  });
});

function bytesIn(data: object): number[] {
  if (ArrayBuffer.isView(data)) {
    return [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)];
  }
  return Array.isArray(data) ? data : [...new Uint8Array(data as ArrayBuffer)];
}
