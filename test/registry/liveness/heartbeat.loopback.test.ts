import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { bench, contextOf } from '../support/bench.ts';
import { namesOf, record } from '../support/events.ts';
import { once, sleep, until } from '../support/waiting.ts';

/** Short enough for a test, long enough for a busy machine to answer. */
const heartbeat = { heartbeatIntervalMs: 100, heartbeatTimeoutMs: 100 };

/** Stands still, as a server does that computes for too long. */
function stall(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

test('a peer that is silent is terminated, and its manager follows after its grace', async () => {
  await using made = await bench(heartbeat);
  const { registry } = made;
  const events = record(registry);
  const manager = await made.connectUnresponsive('ada', 'tab-1');

  await until(() => registry.size === 0, 5_000);

  expect(manager.state).toBe('closed');
  expect(namesOf(events)).toEqual([
    'managerCreated',
    'connectionOpened',
    'connectionExpelled',
    'connectionClosed',
    'managerIdle',
    'managerClosing',
    'managerRemoved',
  ]);
  expect(events[2]?.event).toMatchObject({ cause: 'heartbeat', code: 4408 });
  expect(events[3]?.event).toMatchObject({ cause: 'heartbeat', code: 1006 });
  expect(registry.stats()).toMatchObject({
    connectionsExpelled: 1,
    connectionsExpelledBy: { heartbeat: 1 },
    connectionsClosedBy: { heartbeat: 1, peer: 0 },
  });
});

test('a quiet peer that answers pings stays', async () => {
  await using made = await bench(heartbeat);
  const { socket, client } = await made.pair();
  const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
  const connection = manager.connect(socket);
  let pings = 0;
  client.on('ping', () => {
    pings += 1;
  });

  await until(() => pings > 2);

  expect(connection.state).toBe('open');
});

test('messages that the server sends do not make a dead peer look alive', async () => {
  await using made = await bench(heartbeat);
  const manager = await made.connectUnresponsive('ada', 'tab-1');
  const timer = setInterval(() => manager.send('tick'), 10);

  await until(() => made.registry.stats().connectionsExpelledBy.heartbeat === 1, 5_000);

  clearInterval(timer);
});

test('a peer that sends messages is not pinged', async () => {
  await using made = await bench({ heartbeatIntervalMs: 2_000, heartbeatTimeoutMs: 100 });
  const { socket, client } = await made.pair();
  (await made.registry.acquire(contextOf('ada', 'tab-1'))).connect(socket);
  let pings = 0;
  client.on('ping', () => {
    pings += 1;
  });
  const timer = setInterval(() => client.send('I am here'), 100);

  await sleep(2_500);

  clearInterval(timer);
  expect(pings).toBe(0);
});

test('a peer that sends pongs without being asked stays', async () => {
  await using made = await bench(heartbeat);
  const socket = await pairWith(made, { autoPong: false });
  const connection = (await made.registry.acquire(contextOf('ada', 'tab-1'))).connect(
    socket.server,
  );
  const timer = setInterval(() => socket.client.pong(), 20);

  await sleep(600);

  clearInterval(timer);
  expect(connection.state).toBe('open');
});

test('a peer that sends bytes of an unfinished frame stays', async () => {
  await using made = await bench(heartbeat);
  const { socket, peer } = await made.mute();
  const connection = (await made.registry.acquire(contextOf('ada', 'tab-1'))).connect(socket);
  // A text frame of 60,000 bytes, a little at a time.
  peer.write(Buffer.from([0x81, 0xfe, 0xea, 0x60, 0, 0, 0, 0]));
  const timer = setInterval(() => peer.write(Buffer.alloc(10, 'x')), 20);

  await sleep(600);

  clearInterval(timer);
  expect(connection.state).toBe('open');
});

test('a connection that the application has paused is not judged', async () => {
  await using made = await bench(heartbeat);
  const { socket } = await made.mute();
  const connection = (await made.registry.acquire(contextOf('ada', 'tab-1'))).connect(socket);
  socket.pause();

  await sleep(600);
  expect(connection.state).toBe('open');

  socket.resume();
  await until(() => connection.state === 'closed', 5_000);
});

test('an event loop that stands still disconnects no responsive peer', async () => {
  await using made = await bench(heartbeat);
  const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
  for (let tab = 0; tab < 20; tab += 1) manager.connect((await made.pair()).socket);

  // The clients live in this process: their answers are as late as everything else.
  for (let round = 0; round < 6; round += 1) {
    await sleep(70 + 17 * round);
    stall(300);
  }
  await sleep(300);

  expect(manager.connections.size).toBe(20);
  expect(made.registry.stats().connectionsExpelled).toBe(0);
});

test('a stalled event loop does not save a peer that is gone', async () => {
  await using made = await bench(heartbeat);
  const manager = await made.connectUnresponsive('ada', 'tab-1');
  await sleep(60);

  stall(300);

  await until(() => manager.connections.size === 0, 5_000);
});

test('a socket whose listeners were all taken off is found when it has closed', async () => {
  await using made = await bench(heartbeat);
  const { socket } = await made.pair();
  const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
  manager.connect(socket);
  const events = record(made.registry);
  socket.removeAllListeners();
  socket.on('error', () => {});

  socket.terminate();

  await until(() => manager.connections.size === 0, 5_000);
  expect(events.find(({ name }) => name === 'connectionClosed')?.event).toMatchObject({
    cause: 'lost',
  });
});

async function pairWith(made: Awaited<ReturnType<typeof bench>>, options: { autoPong: boolean }) {
  const opened = new Promise<WebSocket>((resolve) => {
    made.server.once('upgrade', (request, raw, head) => {
      made.webSocketServer.handleUpgrade(request, raw, head, resolve);
    });
  });
  const client = new WebSocket(`ws://127.0.0.1:${made.port}/`, options);
  client.on('error', () => {});
  await once(client, 'open');
  return { client, server: await opened };
}
