import { describe, expect, test, vi } from 'vitest';
import { afterPoll } from '../../../src/liveness/after-poll.ts';
import { clockBench } from '../support/clock.ts';

describe('inspections of a registry', () => {
  test('an inspection finds a socket that closed without an event', async () => {
    using made = clockBench({ reconnectGraceMs: 50_000 });
    const { socket, connection } = await made.connectClient('ada', 'tab-1');
    socket.removeAllListeners();
    socket.gone(1000, '');
    expect(made.registry.stats().connections).toBe(1);

    await made.pass(15_000);

    expect(connection.state).toBe('closed');
    expect(made.eventsNamed('connectionClosed')).toMatchObject([
      { cause: 'lost', code: 1006, reason: '' },
    ]);
  });

  test('an inspection bounds a socket that never finishes its close', async () => {
    using made = clockBench({ closeTimeoutMs: 2_000 });
    const { socket } = await made.connectClient('ada', 'tab-1', { closes: false });
    socket.readyState = socket.CLOSING;

    await made.pass(17_100);

    expect(socket.terminatedAtMs).toBeLessThanOrEqual(17_000);
    expect(made.eventsNamed('connectionClosed')).toMatchObject([{ cause: 'peer', code: 1006 }]);
  });

  test('an inspection that fails is reported, and the other connections are inspected', async () => {
    using made = clockBench();
    const broken = await made.connectClient('ada', 'broken');
    const { socket } = await made.connectClient('bob', 'tab-1');
    broken.socket.ping = () => {
      throw new Error('no ping');
    };

    await made.pass(30_000);

    expect(socket.pingedAtMs).toHaveLength(1);
    expect(made.eventsNamed('hookError')).toContainEqual({
      hook: 'round',
      error: new Error('no ping'),
      userId: 'ada',
    });
  });

  test('the inspection wheel goes on where it was after the event loop stood still', async () => {
    using made = clockBench();
    const tabs = [];
    for (let tab = 0; tab < 20; tab += 1) tabs.push(await made.connectClient(`user-${tab}`, 'tab'));
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

describe('verdicts after the poll', () => {
  test('silence that is judged after the poll is not judged once that is called off', async () => {
    using made = clockBench();
    const [judged, early, late] = [vi.fn(), vi.fn(), vi.fn()];
    afterPoll(judged);
    afterPoll(early)();
    const callOff = afterPoll(late);
    await made.pass(0);
    callOff();
    await made.pass(10);

    expect(judged).toHaveBeenCalledOnce();
    expect(early).not.toHaveBeenCalled();
    expect(late).not.toHaveBeenCalled();
  });
});
