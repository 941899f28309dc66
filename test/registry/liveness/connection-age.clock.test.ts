import { describe, expect, test } from 'vitest';
import { clockBench } from '../support/clock.ts';

describe('maxConnectionAgeMs', () => {
  test('a connection is closed with 4410 in the last quarter of its maximum age, however busy it is', async () => {
    using made = clockBench({ maxConnectionAgeMs: 3_600_000 });
    const { socket } = await made.connectClient('ada', 'tab-1');

    for (let minute = 0; minute < 60; minute += 1) {
      await made.pass(60_000);
      if (socket.readyState === socket.OPEN) socket.says('busy');
    }

    expect(socket.closed).toMatchObject([{ code: 4410, text: 'connection too old, reconnect' }]);
    expect(socket.closed[0]?.atMs).toBeGreaterThanOrEqual(3_600_000 * 0.99);
    expect(socket.closed[0]?.atMs).toBeLessThanOrEqual(3_600_000);
    expect(made.eventsNamed('connectionExpelled')).toMatchObject([{ cause: 'age', code: 4410 }]);
    expect(made.eventsNamed('connectionClosed')).toMatchObject([{ cause: 'age', code: 4410 }]);
  });

  test('a short maximum age is checked often enough', async () => {
    using made = clockBench({ maxConnectionAgeMs: 1_000 });
    const { socket } = await made.connectClient('ada', 'tab-1');

    await made.pass(1_000);

    expect(socket.closed[0]?.atMs).toBeGreaterThanOrEqual(500);
  });

  test('a mute peer that is too old has closeTimeoutMs to close', async () => {
    using made = clockBench({ maxConnectionAgeMs: 60_000, closeTimeoutMs: 3_000 });
    const { socket } = await made.connectClient('ada', 'tab-1', { closes: false });

    await made.pass(70_000);

    const closedAtMs = socket.closed[0]?.atMs ?? Number.NaN;
    expect(socket.terminatedAtMs).toBe(closedAtMs + 3_000);
  });
});

describe('maxSilenceMs', () => {
  test('a peer that answers pings and sends no message is closed with 4411', async () => {
    using made = clockBench({ maxSilenceMs: 120_000 });
    const { socket } = await made.connectClient('ada', 'tab-1');

    await made.pass(119_999);
    expect(socket.closed).toEqual([]);
    await made.pass(30_000);

    expect(socket.closed).toMatchObject([{ code: 4411, text: 'no message for too long' }]);
    expect(made.eventsNamed('connectionExpelled')).toMatchObject([
      { cause: 'silence', code: 4411 },
    ]);
  });

  test('the silence of a peer counts from its last message', async () => {
    using made = clockBench({ maxSilenceMs: 120_000 });
    const { socket } = await made.connectClient('ada', 'tab-1');
    await made.pass(100_000);
    socket.says('here');

    await made.pass(119_000);
    expect(socket.closed).toEqual([]);
    await made.pass(31_000);

    expect(socket.closed).toHaveLength(1);
  });

  test('a short maximum silence is checked often enough', async () => {
    using made = clockBench({ maxSilenceMs: 1_000 });
    const { socket } = await made.connectClient('ada', 'tab-1');

    await made.pass(1_260);

    expect(socket.closed[0]?.atMs).toBeGreaterThanOrEqual(1_000);
  });
});
