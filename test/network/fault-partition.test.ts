/** What a partition does to connections that are there, and to those that are made, with times: one millisecond each way. */
import net from 'node:net';
import { expect, test } from 'vitest';
import type { Fault } from '../../sim/scenario/scenario.ts';
import { runClean } from '../run/support.ts';
import { client, later, nothing, type Seen, seenIn, server, watch } from './tcp-support.ts';

const partition = (fields: object = {}): Fault =>
  ({ kind: 'partition', atMs: 50, host: 'client', durationMs: 1_000, ...fields }) as Fault;

test('what is sent into a partition arrives with the first retransmission after its end', async () => {
  const send = (socket: net.Socket) => later(90, () => socket.write('lost '));
  const seen = await seenIn(nothing, send, { faults: [partition()], durationMs: 5_000 });

  // Lost at 101, sent again at 301, 701 and 1501; the partition ends at 1050.
  expect(seen).toEqual(['12 client connect', '1502 server data lost ']);
});

test('what is sent after what was lost waits for it, and the order stays', async () => {
  const send = (socket: net.Socket) => {
    later(90, () => socket.write('one '));
    later(1_100, () => socket.write('two '));
    later(2_000, () => socket.write('three '));
  };
  const seen = await seenIn(nothing, send, { faults: [partition()], durationMs: 5_000 });

  expect(seen.join()).toBe(
    '12 client connect,1502 server data one ,1502 server data two ,2011 server data three ',
  );
});

test('what is lost after a reset is not sent again: nothing arrives without what was before it', async () => {
  const send = (socket: net.Socket) => {
    later(90, () => socket.write('one '));
    later(105, () => socket.write('two '));
  };
  const seen = await seenIn(send, nothing, {
    network: { latencyMs: { min: 10, max: 10 } },
    // The first is lost when the server hears of the reset, and the second is on its way. The client hears nothing.
    faults: [partition({ direction: 'in' }), { kind: 'reset', atMs: 128, host: 'client' }],
    durationMs: 5_000,
  });

  expect(seen).toEqual(['30 client connect', '138 server error ECONNRESET', '138 server close']);
});

test('a partition longer than the patience of the kernel ends a connection that sends', async () => {
  const seen = await seenIn(nothing, (socket) => later(90, () => socket.write('lost')), {
    network: { retransmitTimeoutMs: 2_000 },
    faults: [partition({ durationMs: 10_000 })],
    durationMs: 20_000,
  });

  expect(seen).toEqual(['12 client connect', '2101 client error ETIMEDOUT', '2101 client close']);
});

test('an idle connection outlives a partition', async () => {
  const seen = await seenIn(nothing, (socket) => later(60_100, () => socket.write('still here')), {
    network: { retransmitTimeoutMs: 2_000 },
    faults: [partition({ durationMs: 60_000 })],
    durationMs: 90_000,
  });

  expect(seen).toEqual(['12 client connect', '60111 server data still here']);
});

for (const { direction, serverHears, clientHears } of [
  { direction: 'out', serverHears: 1_502, clientHears: 101 },
  { direction: 'in', serverHears: 101, clientHears: 1_502 },
] as const) {
  test(`a partition of what goes ${direction} lets the other direction pass`, async () => {
    const seen = await seenIn(
      (socket) => later(87, () => socket.write('from the server')),
      (socket) => later(90, () => socket.write('from the client')),
      { faults: [partition({ direction })], durationMs: 5_000 },
    );

    expect(seen.sort()).toEqual(
      [
        `${clientHears} client data from the server`,
        `${serverHears} server data from the client`,
        '12 client connect',
      ].sort(),
    );
  });
}

test('a sender that gets no acknowledgements fills its buffer and waits, and goes on after the end', async () => {
  const seen: Seen = [];
  const send = (socket: net.Socket) => {
    later(90, () => {
      socket.write('x'.repeat(1_000));
      socket.write('y'.repeat(500), () => seen.push(`${performance.now()} written`));
    });
  };
  const count = (socket: net.Socket) => {
    let bytes = 0;
    socket.removeAllListeners('data');
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      seen.push(`${performance.now()} server has ${bytes}`);
    });
  };
  await runClean(
    { server: server([], count), client: client([], send) },
    {
      network: { sendBufferBytes: 1_200, receiveBufferBytes: 2_000 },
      faults: [partition({ direction: 'in' })],
      durationMs: 5_000,
    },
  );

  expect(seen).toEqual(['101 server has 1200', ...['1502 written', '1503 server has 1500']]);
});

test('a sender that gets no acknowledgements for too long gives up, though all has arrived', async () => {
  const seen = await seenIn(nothing, (socket) => later(90, () => socket.write('arrives')), {
    network: { retransmitTimeoutMs: 3_000 },
    faults: [partition({ direction: 'in', durationMs: 10_000 })],
    durationMs: 20_000,
  });

  expect(seen).toEqual([
    ...['12 client connect', '101 server data arrives'],
    ...['3101 client error ETIMEDOUT', '3101 client close'],
  ]);
});

test('a connect into a partition sends its SYN again and is made after its end', async () => {
  const faults = [partition({ atMs: 5, durationMs: 2_000 })];
  const seen = await seenIn(nothing, nothing, { faults, durationMs: 10_000 });

  // The SYN is sent at 10, 1010 and 3010.
  expect(seen).toEqual(['3012 client connect']);
});

test('a connect whose answer is cut off is made after the end', async () => {
  const faults = [partition({ atMs: 5, durationMs: 2_000, direction: 'in' })];
  const seen = await seenIn(nothing, nothing, { faults, durationMs: 10_000 });

  expect(seen).toEqual(['3012 client connect']);
});

test('a connect into a long partition times out', async () => {
  const seen = await seenIn(nothing, nothing, {
    network: { connectTimeoutMs: 3_000 },
    faults: [partition({ atMs: 5, durationMs: 9_000 })],
    durationMs: 10_000,
  });

  expect(seen).toEqual(['3010 client error ETIMEDOUT', '3010 client close']);
});

test('a partition between two groups touches no other host, and no pair within a group', async () => {
  const seen: Seen = [];
  const clientOf = (name: string) => () => {
    const socket = watch(seen, name, net.connect(80, 'server'));
    later(90, () => socket.write(name));
  };
  await runClean(
    { server: server(seen), a: clientOf('a'), b: clientOf('b'), c: clientOf('c') },
    {
      faults: [
        partition({ host: 'a', with: ['server'], from: ['b'], durationMs: 100 }),
        // Beside another one.
        partition({ host: 'c', from: ['a'], durationMs: 100 }),
      ],
      durationMs: 1_000,
    },
  );

  expect(seen.filter((line) => line.includes('data')).sort()).toEqual([
    ...['292 server data b', '91 server data a', '91 server data c'],
  ]);
});

test('the end of all faults brings everything at once that a partition kept', async () => {
  const seen = await seenIn(nothing, (socket) => later(90, () => socket.write('lost')), {
    faults: [partition({ durationMs: 1_000_000 })],
    durationMs: 100_000,
    settleMs: 100,
  });

  expect(seen.at(-1)).toBe('100001 server data lost');
});

test('a reset into a partition is lost, and the next segment is answered with another', async () => {
  const seen = await seenIn(
    (socket) => later(87, () => socket.resetAndDestroy()),
    (socket) => later(1_500, () => socket.write('hello?')),
    { faults: [partition()], durationMs: 5_000 },
  );

  expect(seen).toEqual([
    ...['12 client connect', '100 server close'],
    ...['1512 client error ECONNRESET', '1512 client close'],
  ]);
});
