/** What a cleanup makes of the peers that it probes. */
import { describe, expect, test } from 'vitest';
import { admit } from '../support/admit.ts';
import { clockBench, connect } from '../support/clock.ts';
import { FakeSocket } from '../support/fake-socket.ts';

describe('probes of a cleanup', () => {
  test('a cleanup gives mute peers probeTimeoutMs once more for the handshake', async () => {
    using made = clockBench({ birthGraceMs: 0, probeTimeoutMs: 2_000, closeTimeoutMs: 5_000 });
    const { socket } = await made.connectClient('ada', 'mute', { pongs: false, closes: false });
    await made.pass(100);

    const cleanup = made.registry.cleanup('ada');
    await made.pass(5_000);
    await cleanup;

    expect(socket.terminatedAtMs).toBe((socket.closed[0]?.atMs ?? Number.NaN) + 2_000);
  });

  test.each([
    ['says something', (socket: FakeSocket) => socket.says('here')],
    [
      'sends bytes of a frame',
      (socket: FakeSocket) => Object.assign(socket._socket, { bytesRead: 9 }),
    ],
    [
      'takes some of its backlog',
      (socket: FakeSocket) => Object.assign(socket._socket._handle, { writeQueueSize: 3_999 }),
    ],
  ])('a cleanup spares a peer that %s', async (_what, live) => {
    using made = clockBench({ birthGraceMs: 0 });
    const { socket, manager } = await made.connectClient('ada', 'tab-1', { pongs: false });
    Object.assign(socket._socket, { _bytesDispatched: 5_000 });
    socket._socket._handle.writeQueueSize = 4_000;
    await made.pass(100);

    const cleanup = made.registry.cleanup('ada');
    await made.pass(1_000);
    live(socket);
    await made.pass(1_500);

    expect(await cleanup).toMatchObject({ probed: 1, removed: 0 });
    expect(manager.state).toBe('open');
  });

  test('a cleanup settles at the first sign of life, and at a new connection', async () => {
    using made = clockBench({ birthGraceMs: 0 });
    const { socket, manager } = await made.connectClient('ada', 'tab-1', { pongs: false });
    await made.pass(100);

    const first = made.registry.cleanup('ada');
    await made.pass(500);
    socket.says('here');
    expect(await first).toMatchObject({ removed: 0, durationMs: 500 });
    const second = made.registry.cleanup('ada');
    await made.pass(300);
    connect(manager, new FakeSocket());

    expect(await second).toMatchObject({ removed: 0, durationMs: 300 });
  });

  test('a cleanup leaves a manager when one of its peers could not be probed', async () => {
    using made = clockBench({ birthGraceMs: 0 });
    const { socket, manager } = await made.connectClient('ada', 'tab-1', { pongs: false });
    const broken = new FakeSocket({ pongs: false });
    broken.ping = () => {
      throw new Error('not now');
    };
    connect(manager, broken);
    await made.pass(100);

    const cleanup = made.registry.cleanup('ada');
    await made.pass(2_010);

    expect(await cleanup).toMatchObject({ probed: 1, removed: 0 });
    expect(socket.pingedAtMs).toHaveLength(1);
  });

  test('a cleanup does not probe a closing socket, and gives it the same time', async () => {
    using made = clockBench({ birthGraceMs: 0, closeTimeoutMs: 60_000 });
    const { socket, connection, manager } = await made.connectClient('ada', 'tab-1', {
      closes: false,
    });
    await made.pass(100);
    void connection.release();

    const cleanup = made.registry.cleanup('ada');
    await made.pass(2_010);
    expect(socket.pingedAtMs).toEqual([]);
    expect(manager.state).toBe('closing');
    await made.pass(2_010);

    expect(await cleanup).toMatchObject({ removed: 1 });
    expect(manager.state).toBe('closed');
  });

  test('a cleanup gives a peer the time for which the event loop stood still', async () => {
    using made = clockBench({ birthGraceMs: 0, heartbeatIntervalMs: 0 });
    const { socket, manager } = await made.connectClient('ada', 'tab-1', { pongs: false });
    await made.pass(100);

    const cleanup = made.registry.cleanup('ada');
    made.stall(1_500);
    await made.pass(2_050);
    expect(manager.state).toBe('open');
    socket.says('at last');

    expect(await cleanup).toMatchObject({ removed: 0 });
  });
});

describe('probes and reservations', () => {
  test('a manager that is reserved while its mute peer is probed stays', async () => {
    using made = clockBench({ birthGraceMs: 0, probeTimeoutMs: 2_000 });
    const { manager } = await made.connectClient('ada', 'mute', { pongs: false });
    await made.pass(100);

    const cleanup = made.registry.cleanup('ada');
    await made.pass(1_995);
    admit(made, 'mute');
    await made.pass(100);

    expect(await cleanup).toMatchObject({ probed: 1, removed: 0 });
    expect(manager.state).toBe('open');
  });
});
