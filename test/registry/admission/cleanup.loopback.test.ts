import { describe, expect, test } from 'vitest';
import type { CleanupReport } from '../../../src/index.ts';
import { bench, contextOf } from '../support/bench.ts';
import { namesOf, record } from '../support/events.ts';
import { once, sleep, until } from '../support/waiting.ts';

describe('proactive cleanups', () => {
  test('a proactive cleanup starts at exactly 12 of 20, found before insertion', async () => {
    await using made = await bench();
    const { registry } = made;
    const events = record(registry);

    for (let tab = 0; tab < 12; tab += 1) await registry.acquire(contextOf('ada', `tab-${tab}`));
    expect(namesOf(events)).not.toContain('cleanupStarted');
    await registry.acquire(contextOf('ada', 'tab-12'));

    const started = events.find(({ name }) => name === 'cleanupStarted');
    expect(started?.event).toEqual({ kind: 'proactive', userId: 'ada', count: 12, limit: 20 });
    const names = namesOf(events);
    expect(names.lastIndexOf('managerCreated')).toBeGreaterThan(names.indexOf('cleanupStarted'));
  });

  test('a proactive cleanup rounds its threshold up', async () => {
    await using made = await bench({ maxManagersPerUser: 4, proactiveThreshold: 0.6 });
    const { registry } = made;
    const events = record(registry);

    for (let tab = 0; tab < 3; tab += 1) await registry.acquire(contextOf('ada', `tab-${tab}`));
    expect(namesOf(events)).not.toContain('cleanupStarted');
    await registry.acquire(contextOf('ada', 'tab-3'));

    expect(namesOf(events)).toContain('cleanupStarted');
  });

  test('a proactive cleanup is not started by an acquire of a key that is there', async () => {
    await using made = await bench();
    const { registry } = made;
    for (let tab = 0; tab < 12; tab += 1) await registry.acquire(contextOf('ada', `tab-${tab}`));

    await registry.acquire(contextOf('ada', 'tab-0'));

    expect(registry.stats().cleanupsStarted.proactive).toBe(0);
  });

  test('a proactive cleanup runs beside the acquire, which does not wait for it', async () => {
    await using made = await bench({ maxManagersPerUser: 2, birthGraceMs: 0, probeTimeoutMs: 200 });
    const { registry } = made;
    await made.connectUnresponsive('ada', 'tab-0');
    await made.connectUnresponsive('ada', 'tab-1').catch(() => {});
    await until(() => registry.count('ada') === 2);

    const events = record(registry);
    await registry.acquire(contextOf('bob', 'tab-0'));
    await registry.acquire(contextOf('bob', 'tab-1'));

    expect(namesOf(events)).not.toContain('cleanupFinished');
  });

  test('a proactive cleanup removes mute peers, and keeps those that answer and new managers', async () => {
    await using made = await bench({
      maxManagersPerUser: 5,
      birthGraceMs: 100,
      probeTimeoutMs: 50,
      reconnectGraceMs: 10_000,
    });
    const { registry } = made;
    const dead = await made.connectUnresponsive('ada', 'dead');
    const alive = await made.connectClient('ada', 'alive');
    await sleep(110);
    const newborn = await made.connectUnresponsive('ada', 'newborn');
    const finished = once<CleanupReport>(registry, 'cleanupFinished');

    const fresh = await registry.acquire(contextOf('ada', 'fresh'));

    expect(await finished).toMatchObject({
      kind: 'proactive',
      startedCount: 3,
      count: 3,
      limit: 5,
      probed: 2,
      removed: 1,
      outcome: 'done',
    });
    expect(dead.state).toBe('closed');
    expect(registry.managers('ada')).toEqual([alive, newborn, fresh]);
  });
});

describe('requested cleanups', () => {
  test('a requested cleanup works below the threshold and reports what it did', async () => {
    await using made = await bench({ birthGraceMs: 0 });
    await made.connectUnresponsive('ada', 'tab-0');
    await made.connectClient('ada', 'tab-1');

    const report = await made.registry.cleanup('ada');

    expect(report).toMatchObject({ kind: 'requested', probed: 2, removed: 1, count: 1 });
  });

  test('a requested cleanup takes any frame as a sign of life, not only a pong', async () => {
    await using made = await bench({ birthGraceMs: 0, probeTimeoutMs: 150 });
    const { socket, peer } = await made.mute();
    const manager = await made.registry.acquire(contextOf('ada', 'tab-0'));
    manager.connect(socket);

    const report = made.registry.cleanup('ada');
    peer.write(maskedText('hi'));

    expect(await report).toMatchObject({ probed: 1, removed: 0 });
    expect(manager.state).toBe('open');
  });

  test('a requested cleanup takes the bytes of an unfinished frame as a sign of life', async () => {
    await using made = await bench({ birthGraceMs: 0 });
    const { socket, peer } = await made.mute();
    const manager = await made.registry.acquire(contextOf('ada', 'tab-0'));
    manager.connect(socket);

    const report = made.registry.cleanup('ada');
    peer.write(maskedText('hello').subarray(0, 8));

    expect(await report).toMatchObject({ probed: 1, removed: 0 });
  });

  test('a requested cleanup ignores what was seen before its probe', async () => {
    await using made = await bench({ birthGraceMs: 0 });
    const { socket, peer } = await made.mute();
    const manager = await made.registry.acquire(contextOf('ada', 'tab-0'));
    manager.connect(socket);
    peer.write(maskedText('hi'));
    await once(socket, 'message');

    expect(await made.registry.cleanup('ada')).toMatchObject({ probed: 1, removed: 1 });
  });

  test('a requested cleanup leaves a manager whose peer could not be probed', async () => {
    await using made = await bench({ birthGraceMs: 0 });
    const paused = await made.mute();
    const throwing = await made.mute();
    paused.socket.pause();
    throwing.socket.ping = () => {
      throw new Error('no ping');
    };
    const { registry } = made;
    (await registry.acquire(contextOf('ada', 'paused'))).connect(paused.socket);
    (await registry.acquire(contextOf('ada', 'throwing'))).connect(throwing.socket);

    expect(await registry.cleanup('ada')).toMatchObject({ probed: 2, removed: 0 });
    expect(registry.count('ada')).toBe(2);
  });

  test('a requested cleanup leaves a manager that gets a connection meanwhile', async () => {
    await using made = await bench({ birthGraceMs: 0 });
    const manager = await made.connectUnresponsive('ada', 'tab-0');
    const { socket } = await made.mute();

    const report = made.registry.cleanup('ada');
    manager.connect(socket);

    expect(await report).toMatchObject({ removed: 0 });
    expect(manager.state).toBe('open');
  });

  test('a requested cleanup does not take a stalled event loop for a mute peer', async () => {
    await using made = await bench({ birthGraceMs: 0, probeTimeoutMs: 50 });
    const manager = await made.registry.acquire(contextOf('ada', 'tab-0'));
    const { socket, client } = await made.pair();
    manager.connect(socket);

    // Both ends live in this process: the pong is due only after the stall, as a late one would be.
    const report = made.registry.cleanup('ada');
    const endMs = performance.now() + 300;
    while (performance.now() < endMs);

    expect(await report).toMatchObject({ probed: 1, removed: 0 });
    expect(client.readyState).toBe(client.OPEN);
  });
});

test('a listener to cleanupStarted that asks for a cleanup joins the one that starts', async () => {
  await using made = await bench();
  const { registry } = made;
  await made.connectClient('ada', 'tab-1');
  registry.on('cleanupStarted', ({ userId }) => {
    if (registry.stats().cleanupsStarted.requested < 5) void registry.cleanup(userId);
  });

  await registry.cleanup('ada');

  expect(registry.stats().cleanupsStarted.requested).toBe(1);
});

/** A text frame as a client sends it, masked with zeros (RFC 6455, 5.2). */
function maskedText(text: string): Buffer {
  const payload = Buffer.from(text);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}
