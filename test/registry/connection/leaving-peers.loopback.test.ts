import { expect, test } from 'vitest';
import { bench, contextOf } from '../support/bench.ts';
import { record } from '../support/events.ts';
import { until } from '../support/waiting.ts';

/** A masked close frame with code 1000. */
const closeFrame = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]);

test('a peer that sends a close frame and keeps the connection is terminated in closeTimeoutMs', async () => {
  await using made = await bench({ closeTimeoutMs: 80 });
  const { socket, peer } = await made.mute();
  const connection = (await made.registry.acquire(contextOf('ada', 'tab-1'))).connect(socket);
  const events = record(made.registry);
  const startedAtMs = performance.now();

  peer.write(closeFrame);

  await until(() => connection.state === 'closed');
  expect(performance.now() - startedAtMs).toBeGreaterThan(70);
  expect(connection.terminated).toBe(true);
  expect(events[0]?.event).toMatchObject({ cause: 'peer', code: 1000 });
});

test('a peer that ends its side and reads nothing any more is terminated in closeTimeoutMs', async () => {
  await using made = await bench({ closeTimeoutMs: 80 });
  const { socket, peer } = await made.mute();
  peer.pause();
  const connection = (await made.registry.acquire(contextOf('ada', 'tab-1'))).connect(socket);
  // More than the buffers of the kernel hold, so that the end of our side waits behind it.
  socket.send(Buffer.alloc(32 * 2 ** 20));

  peer.end();

  await until(() => connection.state === 'closed');
  expect(connection.terminated).toBe(true);
});

test('a peer that closes as it should is not terminated', async () => {
  await using made = await bench({ closeTimeoutMs: 2_000 });
  const { socket, client } = await made.pair();
  const connection = (await made.registry.acquire(contextOf('ada', 'tab-1'))).connect(socket);

  client.close(4321, 'bye');

  await until(() => connection.state === 'closed');
  expect(connection.terminated).toBe(false);
  expect(made.registry.stats().connectionsClosedBy.peer).toBe(1);
});
