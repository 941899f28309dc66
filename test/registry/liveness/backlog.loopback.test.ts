/** A peer that reads a backlog is alive, although its pong comes behind all of it (G5, G6, G9). */
import { expect, test } from 'vitest';
import { bench, contextOf } from '../support/bench.ts';

/** More than the kernels of both ends take, so that most of it waits here. */
const backlog = Buffer.alloc(64 * 1_048_576);

test('a cleanup spares a peer that answers no ping while it takes its backlog', async () => {
  await using server = await bench({
    birthGraceMs: 0,
    probeTimeoutMs: 2_000,
    heartbeatIntervalMs: 0,
    maxBufferedBytes: 2 * backlog.length,
  });
  const { socket, peer } = await server.mute();
  const manager = await server.registry.acquire(contextOf('ada', 'tab'));
  manager.connect(socket);
  peer.pause();
  manager.send(backlog);
  const reading = setInterval(() => {
    peer.resume();
    setImmediate(() => peer.pause());
  }, 5);

  const report = await server.registry.cleanup('ada');
  clearInterval(reading);

  expect(report).toMatchObject({ probed: 1, removed: 0 });
  expect(manager.state).toBe('open');
});
