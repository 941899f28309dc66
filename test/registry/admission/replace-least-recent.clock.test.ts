import { describe, expect, test } from 'vitest';
import { ManagerLimitError } from '../../../src/index.ts';
import { admit } from '../support/admit.ts';
import { clockBench } from '../support/clock.ts';

/** How a call ends, however it does. */
const settled = (call: Promise<unknown>): Promise<unknown> => call.catch((error) => error);

const LIMITED = { code: 'ERR_LEAKTIGHT_MANAGER_LIMIT' };

describe('onLimit: replace-least-recent', () => {
  test('exactly the least recently used manager is evicted, with 4429', async () => {
    using made = clockBench({ maxManagersPerUser: 3, onLimit: 'replace-least-recent' });
    const tabs = [];
    for (let tab = 0; tab < 3; tab += 1) {
      tabs.push(await made.connectClient('ada', `tab-${tab}`, { pongs: true }));
      await made.pass(100);
    }
    tabs[0]?.socket.says('busy');
    await made.pass(100);

    const late = made.manager('ada', 'late');
    // Those that answer a ping are all as active as one another: the message decides no more.
    await made.pass(10);

    expect(await late).toMatchObject({ state: 'open' });
    expect(made.eventsNamed('managerRemoved')).toMatchObject([{ reason: 'replaced' }]);
    expect(made.eventsNamed('connectionClosed')).toMatchObject([
      { code: 4429, reason: 'evicted', cause: 'manager' },
    ]);
    expect(made.registry.count('ada')).toBe(3);
    expect(made.eventsNamed('limitReached')).toEqual([]);
  });

  test('the eviction within the cooldown goes by what was heard last', async () => {
    using made = clockBench({
      maxManagersPerUser: 2,
      onLimit: 'replace-least-recent',
      emergencyCooldownMs: 600_000,
    });
    const first = await made.connectClient('ada', 'first');
    const second = await made.connectClient('ada', 'second');
    const third = made.connectClient('ada', 'third');
    await made.pass(10);
    const { socket } = await third;
    expect(first.manager.state).toBe('closed');
    await made.pass(100);
    second.socket.says('here');
    await made.pass(100);

    const fourth = made.manager('ada', 'fourth');
    await made.pass(10);

    expect(await fourth).toMatchObject({ state: 'open' });
    expect(socket.closed).toMatchObject([{ code: 4429 }]);
    expect(second.manager.state).toBe('open');
  });

  test('an evicted manager with a mute peer holds its slot until closeTimeoutMs is over', async () => {
    using made = clockBench({
      maxManagersPerUser: 1,
      onLimit: 'replace-least-recent',
      closeTimeoutMs: 3_000,
    });
    const { socket } = await made.connectClient('ada', 'tab-1', { closes: false });
    let found: unknown;
    void made.manager('ada', 'late').then((manager) => {
      found = manager;
    });
    await made.pass(10);
    expect(socket.closed).toMatchObject([{ code: 4429 }]);

    await made.pass(2_980);
    expect(found).toBeUndefined();
    await made.pass(20);

    expect(found).toMatchObject({ state: 'open' });
    expect(made.registry.count('ada')).toBe(1);
  });

  test('a manager that is closing already is not evicted', async () => {
    using made = clockBench({
      maxManagersPerUser: 2,
      onLimit: 'replace-least-recent',
      emergencyCooldownMs: 600_000,
      closeTimeoutMs: 3_000,
    });
    await made.connectClient('ada', 'one');
    await made.connectClient('ada', 'two');
    const first = made.connectClient('ada', 'three', { closes: false });
    await made.pass(100);
    const { socket, manager } = await first;
    const second = made.connectClient('ada', 'four');
    await made.pass(100);
    await second;
    void manager.close();

    const third = made.manager('ada', 'five');
    await made.pass(10);

    expect(socket.closed).toMatchObject([{ code: 1000 }]);
    expect(await third).toMatchObject({ state: 'open' });
  });

  test('a manager that was handed out a moment ago is not evicted', async () => {
    using made = clockBench({
      maxManagersPerUser: 1,
      onLimit: 'replace-least-recent',
      birthGraceMs: 0,
    });
    await made.manager('ada', 'first');

    const calls = ['second', 'third'].map((client) => settled(made.manager('ada', client)));
    await made.pass(1);

    expect(await Promise.all(calls)).toEqual([
      expect.any(ManagerLimitError),
      expect.any(ManagerLimitError),
    ]);
  });
});

describe('reserved managers', () => {
  test('a manager that an upgrade has reserved is not evicted', async () => {
    using made = clockBench({ maxManagersPerUser: 1, onLimit: 'replace-least-recent' });
    const asking = admit(made, 'tab-1');
    await made.pass(60_000);

    await expect(made.manager('ada', 'late')).rejects.toMatchObject({ ...LIMITED, count: 1 });

    expect(asking.given?.state).toBe('open');
    expect(made.eventsNamed('limitReached')).toMatchObject([{ scope: 'user', count: 1, limit: 1 }]);
  });
});
