/** What the registry makes of silence when it was its own event loop that stood still. */
import { once as onceEvent } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { expect, test, vi } from 'vitest';
import { kBytesRead, kDisconnect, kFrames, kPingBatch } from '../../../src/internal/symbols.ts';
import { Heartbeat, NOT_PINGED } from '../../../src/liveness/heartbeat.ts';
import { probe } from '../../../src/liveness/probe.ts';
import type { WebSocketConnection } from '../../../src/manager.ts';
import { EventDispatcher } from '../../../src/telemetry/event-dispatcher.ts';
import { attachedBench } from '../support/attached.ts';
import { bench, contextOf } from '../support/bench.ts';
import { until } from '../support/waiting.ts';

/** Clients in a thread of their own, which answer while the thread of the server stands still. */
const CLIENTS = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { WebSocket } = require(workerData.ws);
  let open = 0;
  for (const path of workerData.paths) {
    const client = new WebSocket('ws://127.0.0.1:' + workerData.port + path);
    client.on('error', () => {});
    // Told after the pong is out.
    client.on('ping', () => Atomics.add(workerData.answers, 0, 1));
    client.on('open', () => {
      open += 1;
      if (open === workerData.paths.length) parentPort.postMessage('open');
    });
  }
`;

async function clientsElsewhere(port: number, paths: readonly string[]) {
  const ws = import.meta.resolve('ws').replace('file://', '').replace('wrapper.mjs', 'index.js');
  const answers = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(CLIENTS, { eval: true, workerData: { ws, port, paths, answers } });
  await onceEvent(worker, 'message');
  return {
    /** For at least `leastMs`, and until every client has answered a ping. */
    standStill(leastMs: number): void {
      const startedAtMs = performance.now();
      standStillUntil(startedAtMs + leastMs);
      while (Atomics.load(answers, 0) < paths.length && performance.now() < startedAtMs + 5_000);
    },
    [Symbol.asyncDispose]: async () => void (await worker.terminate()),
  };
}

function standStillUntil(endMs: number): void {
  while (performance.now() < endMs);
}

/** Timers come next in the event loop, and only then is it read what has arrived. */
function beforeTimers(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const tabs = ['/?user=ada&websocketClientId=a', '/?user=ada&websocketClientId=b'];

test('a requested cleanup removes no peer that answered during a stall that ends just after the probe', async () => {
  await using made = await attachedBench({}, { birthGraceMs: 0, probeTimeoutMs: 150 });
  await using clients = await clientsElsewhere(made.bench.port, tabs);
  await until(() => made.registry.stats().connections === 2);
  await beforeTimers();

  const report = made.registry.cleanup('ada');
  clients.standStill(190);

  expect(await report).toMatchObject({ probed: 2, removed: 0 });
  expect(made.registry.stats().connections).toBe(2);
});

test('an emergency cleanup evicts no peer that answered during a stall that ends just after the probe', async () => {
  await using made = await attachedBench(
    {},
    { birthGraceMs: 0, probeTimeoutMs: 150, maxManagersPerUser: 2, emergencyDeadlineMs: 2_000 },
  );
  await using clients = await clientsElsewhere(made.bench.port, tabs);
  await until(() => made.registry.stats().connections === 2);
  await beforeTimers();

  const refused = made.registry.acquire(contextOf('ada', 'c'));
  clients.standStill(190);

  await expect(refused).rejects.toMatchObject({ code: 'ERR_LEAKTIGHT_MANAGER_LIMIT', removed: 0 });
  expect(made.registry.stats().connections).toBe(2);
});

test('an event loop that stands still in every turn removes no peer that answers', async () => {
  await using made = await attachedBench({}, { birthGraceMs: 0, probeTimeoutMs: 150 });
  await using clients = await clientsElsewhere(made.bench.port, tabs);
  await until(() => made.registry.stats().connections === 2);
  let starving = true;
  const starve = (): void => {
    clients.standStill(170);
    if (starving) setImmediate(starve);
  };
  await beforeTimers();

  const report = made.registry.cleanup('ada');
  starve();

  expect(await report).toMatchObject({ probed: 2, removed: 0 });
  starving = false;
});

test('a mute peer is found dead in spite of a stall', async () => {
  await using made = await bench({ birthGraceMs: 0, probeTimeoutMs: 50 });
  await made.connectUnresponsive('ada', 'tab-1');
  await beforeTimers();

  const report = made.registry.cleanup('ada');
  standStillUntil(performance.now() + 90);

  expect(await report).toMatchObject({ probed: 1, removed: 1 });
});

test('a connection that the application pauses during a probe is not judged', async () => {
  await using made = await bench({ birthGraceMs: 0, probeTimeoutMs: 60 });
  const manager = await made.connectUnresponsive('ada', 'tab-1');

  const report = made.registry.cleanup('ada');
  for (const { socket } of manager.connections.values()) socket.pause();

  expect(await report).toMatchObject({ probed: 1, removed: 0 });
});

test('the heartbeat reads what has arrived before its last look', async () => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await onceEvent(server, 'listening');
  const peer = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [near] = (await onceEvent(server, 'connection')) as [net.Socket];
  await onceEvent(peer, 'ready');
  let frames = 0;
  near.on('data', () => {
    frames += 1;
  });
  let looks = 0;
  let expelled = 0;
  const connection = {
    socket: { isPaused: false, ping() {} },
    get state() {
      looks += 1;
      // The answer comes right after the first look, and nothing is read until after the last is due.
      if (looks === 1) {
        setImmediate(() => {
          peer.write('pong');
          standStillUntil(performance.now() + 140);
        });
      }
      return 'open';
    },
    get [kFrames]() {
      return frames;
    },
    [kBytesRead]: 0,
    [kPingBatch]: NOT_PINGED,
    [kDisconnect]() {
      expelled += 1;
    },
  } as unknown as WebSocketConnection;
  const { registry } = await bench();
  const heartbeat = new Heartbeat(400, new EventDispatcher(registry, undefined));

  heartbeat.ping(connection, performance.now());
  await until(() => looks >= 2);

  expect(expelled).toBe(0);
  heartbeat.stop();
  peer.destroy();
  near.destroy();
  server.close();
});

test('a probe has its verdict on a virtual clock too', async () => {
  await using made = await bench({ birthGraceMs: 0 });
  const manager = await made.connectUnresponsive('ada', 'tab-1');
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'],
  });
  try {
    const verdict = probe(manager, 60);
    await vi.advanceTimersByTimeAsync(70);

    expect(await verdict).toBe('dead');
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
