/** What is kept of a message, whatever its type, and until when a sweep looks at it. */
import { describe, expect, test, vi } from 'vitest';
import { bytesOf, MessageStore, type SendData } from '../../../src/delivery/message-store.ts';
import { OutboxExpiry } from '../../../src/delivery/outbox-expiry.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';
import { clockBench, connect } from '../support/clock.ts';
import { FakeSocket } from '../support/fake-socket.ts';

const BYTES = [1, 2, 3, 4, 5, 6, 7, 8];

function shared(): SharedArrayBuffer {
  const buffer = new SharedArrayBuffer(BYTES.length);
  new Uint8Array(buffer).set(BYTES);
  return buffer;
}

describe('stored messages', () => {
  test.each<[string, () => unknown]>([
    ['bytes', () => Uint8Array.from(BYTES)],
    ['numbers of eight bytes', () => new Float64Array(Uint8Array.from(BYTES).buffer)],
    ['a part of a buffer', () => new DataView(Uint8Array.from([9, ...BYTES, 9]).buffer, 1, 8)],
    ['a buffer', () => Uint8Array.from(BYTES).buffer],
    ['a buffer that is shared', shared],
    ['an array of bytes', () => BYTES],
  ])('a stored message is the bytes that ws would send: %s', (_what, make) => {
    const data = make() as SendData;
    const store = new MessageStore(resolveOptions());

    expect(bytesOf(data)).toBe(8);
    store.add(data, bytesOf(data));

    expect(store.take().map((message) => [...(message.data as Buffer)])).toEqual([BYTES]);
  });

  test('a stored message is the text of a String object', () => {
    const data = new String('abc') as unknown as SendData;
    const store = new MessageStore(resolveOptions());

    expect(bytesOf(data)).toBe(3);
    store.add(data, 3);

    expect(store.take().map((message) => String(message.data))).toEqual(['abc']);
  });

  test.each<[SendData, number]>([
    ['héllo', 6],
    ['', 0],
    [12_345 as unknown as SendData, 5],
    [new Blob(['four']) as unknown as SendData, 4],
  ])('%j is stored as it is, and counts %i bytes', (data, bytes) => {
    const store = new MessageStore(resolveOptions());
    store.add(data, bytesOf(data));

    expect(store.bytes).toBe(bytes);
    expect(store.take()[0]?.data).toBe(data);
  });

  test('a stored message does not change with the buffer of the caller', () => {
    const store = new MessageStore(resolveOptions());
    const buffer = Buffer.from('before');
    store.add(buffer, 6);
    buffer.write('after!');

    expect(store.take().map((message) => String(message.data))).toEqual(['before']);
  });
});

describe('outbox expiry', () => {
  test('the outbox expiry tracks an outbox until it is taken out', () => {
    const outboxes = new OutboxExpiry();
    const outbox = { dropExpired: vi.fn(() => 2) };
    outboxes.untrack(outboxes.track(outbox, performance.now() - 1));
    expect(outboxes.dropExpired()).toBe(0);
    outboxes.track(outbox, performance.now() - 1);

    expect(outboxes.dropExpired()).toBe(2);
    expect(outbox.dropExpired).toHaveBeenCalledOnce();
  });

  test('the outbox expiry tracks no outbox that is empty', async () => {
    using made = clockBench({ outboxMaxAgeMs: 20_000, reconnectGraceMs: 600_000 });
    const tracked = vi.spyOn(OutboxExpiry.prototype, 'track');
    const manager = await made.manager('ada', 'tab-1');
    manager.send('one');
    connect(manager, new FakeSocket());
    expect(tracked.mock.calls.map(([, dueMs]) => dueMs)).toEqual([20_000]);
    const looked = vi.spyOn(MessageStore.prototype, 'dropExpired');
    await made.pass(30_000);

    expect(made.registry.sweep()).toMatchObject({ messages: 0 });
    expect(looked).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });
});
