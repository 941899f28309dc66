import { describe, expect, test } from 'vitest';
import { exact } from './support.ts';

describe('maxConnectionAgeMs', () => {
  test('closes with 4410 in the last quarter of the age, however busy the connection is', async () => {
    using made = exact({ maxConnectionAgeMs: 3_600_000 });
    const { socket } = await made.tab('ada', 'tab-1');

    for (let minute = 0; minute < 60; minute += 1) {
      await made.pass(60_000);
      if (socket.readyState === socket.OPEN) socket.says('busy');
    }

    expect(socket.closed).toMatchObject([{ code: 4410, text: 'connection too old, reconnect' }]);
    expect(socket.closed[0]?.atMs).toBeGreaterThanOrEqual(3_600_000 * 0.99);
    expect(socket.closed[0]?.atMs).toBeLessThanOrEqual(3_600_000);
    expect(made.told('connectionExpelled')).toMatchObject([{ cause: 'age', code: 4410 }]);
    expect(made.told('connectionClosed')).toMatchObject([{ cause: 'age', code: 4410 }]);
  });

  test('looks often enough for a short age', async () => {
    using made = exact({ maxConnectionAgeMs: 1_000 });
    const { socket } = await made.tab('ada', 'tab-1');

    await made.pass(1_000);

    expect(socket.closed[0]?.atMs).toBeGreaterThanOrEqual(500);
  });

  test('gives a mute peer closeTimeoutMs to close', async () => {
    using made = exact({ maxConnectionAgeMs: 60_000, closeTimeoutMs: 3_000 });
    const { socket } = await made.tab('ada', 'tab-1', { closes: false });

    await made.pass(70_000);

    const closedAtMs = socket.closed[0]?.atMs ?? Number.NaN;
    expect(socket.terminatedAtMs).toBe(closedAtMs + 3_000);
  });
});

describe('maxSilenceMs', () => {
  test('closes with 4411 a peer that answers pings and never says a message', async () => {
    using made = exact({ maxSilenceMs: 120_000 });
    const { socket } = await made.tab('ada', 'tab-1');

    await made.pass(119_999);
    expect(socket.closed).toEqual([]);
    await made.pass(30_000);

    expect(socket.closed).toMatchObject([{ code: 4411, text: 'no message for too long' }]);
    expect(made.told('connectionExpelled')).toMatchObject([{ cause: 'silence', code: 4411 }]);
  });

  test('counts from the last message', async () => {
    using made = exact({ maxSilenceMs: 120_000 });
    const { socket } = await made.tab('ada', 'tab-1');
    await made.pass(100_000);
    socket.says('here');

    await made.pass(119_000);
    expect(socket.closed).toEqual([]);
    await made.pass(31_000);

    expect(socket.closed).toHaveLength(1);
  });

  test('looks often enough for a short silence', async () => {
    using made = exact({ maxSilenceMs: 1_000 });
    const { socket } = await made.tab('ada', 'tab-1');

    await made.pass(1_260);

    expect(socket.closed[0]?.atMs).toBeGreaterThanOrEqual(1_000);
  });
});

describe('a backlog that the application made on the socket itself', () => {
  test('is closed with 4412 when it stands still for a round', async () => {
    using made = exact({ maxBufferedBytes: 1_000 });
    const { socket } = await made.tab('ada', 'tab-1', { closes: false });
    socket.bufferedAmount = 1_001;

    await made.pass(30_000);

    expect(socket.closed).toMatchObject([{ code: 4412, text: 'reads too slowly' }]);
    expect(made.told('connectionExpelled')).toMatchObject([{ cause: 'slow-reader', code: 4412 }]);
    expect(socket.terminatedAtMs).toBe((socket.closed[0]?.atMs ?? Number.NaN) + 1_000);
  });

  test.each([
    ['is not too large', 1_000, 0],
    ['shrinks', 10_000, 1],
  ])('that %s is left alone', async (_what, bytes, taken) => {
    using made = exact({ maxBufferedBytes: 1_000 });
    const { socket } = await made.tab('ada', 'tab-1');
    socket.bufferedAmount = bytes;

    for (let rounds = 0; rounds < 10; rounds += 1) {
      await made.pass(14_900);
      socket.bufferedAmount -= taken;
    }

    expect(socket.closed).toEqual([]);
  });

  test('that grows is closed too', async () => {
    using made = exact({ maxBufferedBytes: 1_000 });
    const { socket } = await made.tab('ada', 'tab-1');

    for (let rounds = 0; rounds < 3; rounds += 1) {
      socket.bufferedAmount += 2_000;
      await made.pass(14_900);
    }

    expect(socket.closed).toMatchObject([{ code: 4412 }]);
  });

  test('that was drained meanwhile begins anew', async () => {
    using made = exact({ maxBufferedBytes: 1_000 });
    const { socket } = await made.tab('ada', 'tab-1');

    for (const bytes of [2_000, 0, 2_000, 1_000, 3_000]) {
      socket.bufferedAmount = bytes;
      await made.pass(14_900);
    }

    expect(socket.closed).toEqual([]);
  });
});

describe('a round', () => {
  test('finds a socket that closed without telling', async () => {
    using made = exact({ reconnectGraceMs: 50_000 });
    const { socket, connection } = await made.tab('ada', 'tab-1');
    socket.removeAllListeners();
    socket.gone(1000, '');
    expect(made.registry.stats().connections).toBe(1);

    await made.pass(15_000);

    expect(connection.state).toBe('closed');
    expect(made.told('connectionClosed')).toMatchObject([
      { cause: 'lost', code: 1006, reason: '' },
    ]);
  });

  test('bounds a socket that is on its way out without end', async () => {
    using made = exact({ closeTimeoutMs: 2_000 });
    const { socket } = await made.tab('ada', 'tab-1', { closes: false });
    socket.readyState = socket.CLOSING;

    await made.pass(17_100);

    expect(socket.terminatedAtMs).toBeLessThanOrEqual(17_000);
    expect(made.told('connectionClosed')).toMatchObject([{ cause: 'peer', code: 1006 }]);
  });

  test('that fails is reported, and the others are visited', async () => {
    using made = exact();
    const broken = await made.tab('ada', 'broken');
    const { socket } = await made.tab('bob', 'tab-1');
    broken.socket.ping = () => {
      throw new Error('no ping');
    };

    await made.pass(30_000);

    expect(socket.pingedAtMs).toHaveLength(1);
    expect(made.told('hookError')).toContainEqual({
      hook: 'round',
      error: new Error('no ping'),
      userId: 'ada',
    });
  });

  test('goes on where it was after the event loop stood still', async () => {
    using made = exact();
    const tabs = [];
    for (let tab = 0; tab < 20; tab += 1) tabs.push(await made.tab(`user-${tab}`, 'tab'));
    await made.pass(16_000);
    const before = tabs.flatMap(({ socket }) => socket.pingedAtMs).length;
    expect(before).toBeGreaterThan(0);

    made.stall(10_000);
    await made.pass(100);

    // Making up for it would ask ten seconds' worth of peers at once.
    const after = tabs.flatMap(({ socket }) => socket.pingedAtMs).length;
    expect(after - before).toBeLessThanOrEqual(3);
  });
});
