/** What faults do to simulated connections, with times: one millisecond each way. */
import net from 'node:net';
import { expect, test } from 'vitest';
import type { World } from '../../sim/engine/world.ts';
import { type Boot, now, type RunOptions, runClean } from './support.ts';

type Seen = string[];

/** Everything that happens to a socket, with its virtual time. */
function watch(seen: Seen, name: string, socket: net.Socket): net.Socket {
  const note = (what: string) => seen.push(`${now()} ${name} ${what}`);
  socket.on('connect', () => note('connect'));
  socket.on('data', (bytes) => note(`data ${bytes}`));
  socket.on('end', () => note('end'));
  socket.on('error', (error: NodeJS.ErrnoException) => note(`error ${error.code}`));
  socket.on('close', () => note('close'));
  return socket;
}

function server(seen: Seen, then: (socket: net.Socket) => void = () => {}): Boot {
  return () => {
    net.createServer((socket) => then(watch(seen, 'server', socket))).listen(80);
  };
}

/** A client that connects at 10 and then does what it is told. */
function client(seen: Seen, then: (socket: net.Socket) => void = () => {}): Boot {
  return () => {
    setTimeout(() => then(watch(seen, 'client', net.connect(80, 'server'))), 10);
  };
}

const later = (ms: number, then: () => void) => void setTimeout(then, ms);
const silence = (world: World) => void world.network.silence(world.host('client'));
const repair = (world: World) => world.network.repairAll();

async function seenIn(
  serverDoes: (socket: net.Socket) => void,
  clientDoes: (socket: net.Socket) => void,
  options: RunOptions = {},
): Promise<Seen> {
  const seen: Seen = [];
  await runClean({ server: server(seen, serverDoes), client: client(seen, clientDoes) }, options);
  return seen;
}

const nothing = () => {};

test('connecting takes a round trip, and the server knows half a one later', async () => {
  const seen = await seenIn(
    (socket) => socket.write('hello'),
    (socket) => socket.write('hi'),
  );

  expect(seen).toEqual(['12 client connect', '13 server data hi', '14 client data hello']);
});

test('latency is drawn between its bounds, and bytes keep their order', async () => {
  const seen: Seen = [];
  const send = (socket: net.Socket) => {
    for (let at = 0; at < 50; at++) later(at, () => socket.write(`${at},`));
  };
  await runClean(
    { server: server(seen), client: client(seen, send) },
    { network: { latencyMs: { min: 5, max: 30 } } },
  );

  const data = seen.filter((line) => line.includes('server data'));
  expect(data.map((line) => line.split('data ')[1]).join('')).toBe(
    Array.from({ length: 50 }, (_, at) => `${at},`).join(''),
  );
  expect(Number.parseInt(data[0] ?? '', 10)).toBeGreaterThanOrEqual(10 + 10 + 5);
});

test('nobody listens: refused after a round trip', async () => {
  const seen: Seen = [];
  await runClean({ server: nothing, client: client(seen) });

  expect(seen).toEqual(['12 client error ECONNREFUSED', '12 client close']);
});

test('a host that refuses does so until the stated time', async () => {
  const seen: Seen = [];
  const faults = [{ kind: 'refuse', atMs: 5, host: 'server', durationMs: 20 } as const];
  const second: Boot = () => later(30, () => void watch(seen, 'second', net.connect(80, 'server')));
  await runClean({ server: server(seen), client: client(seen), second }, { faults });

  expect(seen).toEqual([
    ...['12 client error ECONNREFUSED', '12 client close', '32 second connect'],
  ]);
});

test('a name that no host has is not found', async () => {
  const errors: NodeJS.ErrnoException[] = [];
  await runClean({
    client: () => void net.connect(80, 'nowhere').on('error', (error) => errors.push(error)),
  });

  expect(errors[0]).toMatchObject({
    code: 'ENOTFOUND',
    syscall: 'getaddrinfo',
    hostname: 'nowhere',
    message: 'getaddrinfo ENOTFOUND nowhere',
  });
});

test('a connect to a machine without power times out at the stated time', async () => {
  const seen: Seen = [];
  const errors: NodeJS.ErrnoException[] = [];
  const connect = client(seen, (socket) => void socket.on('error', (error) => errors.push(error)));
  await runClean(
    { server: server(seen), client: connect },
    {
      network: { connectTimeoutMs: 5_000 },
      faults: [{ kind: 'power-loss', atMs: 5, host: 'server' }],
      durationMs: 10_000,
    },
  );

  expect(seen).toEqual(['5010 client error ETIMEDOUT', '5010 client close']);
  expect(errors[0]).toMatchObject({ syscall: 'connect', port: 80, address: '10.0.0.1' });
});

test('a connect to a machine that comes back is made by a later attempt of the kernel', async () => {
  const seen: Seen = [];
  await runClean(
    { server: server(seen), client: client(seen) },
    {
      faults: [{ kind: 'power-loss', atMs: 5, host: 'server', restartAfterMs: 2_000 }],
      durationMs: 10_000,
    },
  );

  // The SYN is sent at 10, 1010 and 3010.
  expect(seen).toEqual(['3012 client connect']);
});

// At 11 the SYN is on its way, at 12 the answer to it.
for (const atMs of [11, 12]) {
  test(`a connect that goes silent at ${atMs} times out, and never connects`, async () => {
    const seen = await seenIn(nothing, nothing, {
      network: { connectTimeoutMs: 3_000 },
      at: { [atMs]: silence },
      durationMs: 10_000,
    });

    expect(seen).toEqual(['3010 client error ETIMEDOUT', '3010 client close']);
  });

  test(`a connect that goes silent at ${atMs} is made after the silence`, async () => {
    const seen = await seenIn(nothing, (socket) => socket.write('early'), {
      at: { [atMs]: silence, 500: repair },
      durationMs: 10_000,
    });

    expect(seen).toEqual(['1012 client connect', '1013 server data early']);
  });
}

test('a server that accepts late, after a silence, still gets the connection and its data', async () => {
  const seen = await seenIn(nothing, (socket) => socket.write('early'), {
    at: { 13: silence, 200: repair },
  });

  expect(seen).toEqual(['12 client connect', '201 server data early']);
});

test('writes into silence vanish, and the kernel gives up at the stated time', async () => {
  const seen = await seenIn(nothing, (socket) => later(100, () => socket.write('lost')), {
    network: { retransmitTimeoutMs: 2_000 },
    at: { 50: silence },
    durationMs: 5_000,
  });

  // Written at 110, lost at 111.
  expect(seen).toEqual(['12 client connect', '2111 client error ETIMEDOUT', '2111 client close']);
});

test('what was lost arrives once and in order when the path is whole, with what is new', async () => {
  const seen = await seenIn(
    nothing,
    (socket) => {
      later(10, () => socket.write('before '));
      later(90, () => socket.write('lost '));
      later(95, () => socket.write('also lost '));
      later(190, () => socket.write('in flight '));
      later(191, () => socket.write('new '));
      later(300, () => socket.end('end'));
    },
    { network: { latencyMs: { min: 3, max: 3 } }, at: { 60: silence, 201: repair } },
  );

  const received = seen.filter((line) => line.includes('server data'));
  expect(received.map((line) => line.split('data ')[1]).join('')).toBe(
    'before lost also lost in flight new end',
  );
  expect(received.at(1)).toMatch(/^204 /);
  expect(seen.at(-1)).toContain('close');
});

test('patience begins anew with each silence', async () => {
  const write = (socket: net.Socket) => {
    later(40, () => socket.write('one '));
    later(1_440, () => socket.write('two '));
  };
  const seen = await seenIn(nothing, write, {
    network: { retransmitTimeoutMs: 1_000 },
    at: { 45: silence, 900: repair, 1400: silence, 2300: repair },
    durationMs: 5_000,
  });

  expect(seen).toEqual(['12 client connect', '901 server data one ', '2301 server data two ']);
});

test('an end that was lost arrives when the path is whole', async () => {
  const seen = await seenIn(nothing, (socket) => later(90, () => socket.end()), {
    at: { 50: silence, 200: repair },
  });

  expect(seen).toEqual([
    ...['12 client connect', '201 server end', '201 server close'],
    ...['202 client end', '202 client close'],
  ]);
});

test('the kernel of a killed process resets its peers', async () => {
  const seen = await seenIn(nothing, nothing, {
    faults: [{ kind: 'kill', atMs: 50, host: 'server' }],
  });

  expect(seen).toEqual(['12 client connect', '51 client error ECONNRESET', '51 client close']);
});

test('what a process had closed before it was killed still arrives', async () => {
  const seen = await seenIn(
    (socket) =>
      later(30, () => {
        socket.write('bye');
        socket.destroySoon();
      }),
    nothing,
    {
      network: { latencyMs: { min: 5, max: 5 } },
      at: { 56: (world) => world.kill(world.host('server')) },
    },
  );

  expect(seen).toEqual([
    ...[
      '20 client connect',
      '55 server close',
      '60 client data bye',
      '60 client end',
      '60 client close',
    ],
  ]);
});

test('a loss of power is silence, and what is sent after the machine is back is answered with a reset', async () => {
  const seen = await seenIn(nothing, (socket) => later(200, () => socket.write('hello?')), {
    faults: [{ kind: 'power-loss', atMs: 50, host: 'server', restartAfterMs: 100 }],
  });

  expect(seen).toEqual(['12 client connect', '212 client error ECONNRESET', '212 client close']);
});

test('what was sent into the loss of power is answered with a reset when the machine is back', async () => {
  const seen = await seenIn(nothing, (socket) => later(60, () => socket.write('hello?')), {
    faults: [{ kind: 'power-loss', atMs: 50, host: 'server', restartAfterMs: 100 }],
  });

  expect(seen).toEqual(['12 client connect', '152 client error ECONNRESET', '152 client close']);
});

test('a middlebox that resets is heard at both ends', async () => {
  const seen = await seenIn(nothing, nothing, {
    faults: [{ kind: 'reset', atMs: 50, host: 'client' }],
  });

  expect(seen.sort()).toEqual([
    ...['12 client connect', '51 client close', '51 client error ECONNRESET'],
    ...['51 server close', '51 server error ECONNRESET'],
  ]);
});

test('a slow link delays every segment for its time', async () => {
  const send = (socket: net.Socket) => {
    for (const at of [10, 50, 150]) later(at, () => socket.write(`${at} `));
  };
  const seen = await seenIn(nothing, send, {
    faults: [{ kind: 'slow-link', atMs: 30, host: 'client', addedMs: 40, durationMs: 100 }],
  });

  expect(seen).toEqual([
    ...['12 client connect', '21 server data 10 ', '101 server data 50 ', '161 server data 150 '],
  ]);
});
