import { describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import type { WebSocketManager } from '../../../src/index.ts';
import { type Bench, bench, contextOf } from '../support/bench.ts';
import { record } from '../support/events.ts';
import { once, until } from '../support/waiting.ts';

async function fill(
  made: Bench,
  kind: 'connectClient' | 'connectUnresponsive',
  count: number,
): Promise<void> {
  for (let tab = 0; tab < count; tab += 1) await made[kind]('ada', `${kind}-${tab}`);
}

describe('onLimit: replace-least-recent', () => {
  test('exactly the least recently active manager is evicted, with an event', async () => {
    await using made = await bench({
      maxManagersPerUser: 3,
      birthGraceMs: 10_000,
      emergencyCooldownMs: 10_000,
      onLimit: 'replace-least-recent',
    });
    const { registry } = made;
    const clients = new Map<WebSocketManager, WebSocket>();
    for (const name of ['one', 'two', 'three']) {
      const { socket, client } = await made.pair();
      const manager = await registry.acquire(contextOf('ada', name));
      manager.connect(socket);
      clients.set(manager, client);
    }
    // The first new acquire probes all peers. From now on the cooldown leaves their activity as it is.
    await registry.acquire(contextOf('ada', 'late-1'));
    const [talking, silent] = registry.managers('ada');
    const before = Math.max(talking?.lastActivityMs ?? 0, silent?.lastActivityMs ?? 0);
    if (talking !== undefined) clients.get(talking)?.send('still here');
    await until(() => (talking?.lastActivityMs ?? 0) > before);
    const events = record(registry);

    const late = await registry.acquire(contextOf('ada', 'late-2'));

    const removed = events.filter(({ name }) => name === 'managerRemoved');
    expect(removed).toHaveLength(1);
    expect(removed[0]?.event).toMatchObject({ reason: 'replaced', manager: silent });
    expect(registry.managers('ada')).toContain(late);
    expect(registry.count('ada')).toBe(3);
    expect(registry.stats().limitsReached).toBe(0);
  });

  test('the evicted client is closed with 4429', async () => {
    await using made = await bench({ maxManagersPerUser: 1, onLimit: 'replace-least-recent' });
    const manager = await made.registry.acquire(contextOf('ada', 'one'));
    const { socket, client } = await made.pair();
    manager.connect(socket);
    const closed = once<number>(client, 'close');

    const late = await made.registry.acquire(contextOf('ada', 'late'));

    expect(await closed).toBe(4429);
    expect(manager.state).toBe('closed');
    expect(made.registry.managers()).toEqual([late]);
    expect(made.registry.audit()).toEqual([]);
  });

  test('each of several new acquires gets one slot', async () => {
    await using made = await bench({ maxManagersPerUser: 3, onLimit: 'replace-least-recent' });
    await fill(made, 'connectClient', 3);

    const late = await Promise.all(
      ['a1', 'a2', 'a3'].map((client) => made.registry.acquire(contextOf('ada', client))),
    );

    expect(new Set(made.registry.managers('ada'))).toEqual(new Set(late));
    expect(made.registry.stats().managersRemovedBy.replaced).toBe(3);
  });
});
