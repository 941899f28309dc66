import { describe, expect, test, vi } from 'vitest';
import type { HookErrorEvent, Logger } from '../../src/index.ts';
import { bench, contextOf, namesOf, once, record, until } from './support.ts';

interface Line {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

function memoryLogger(): { readonly lines: Line[]; readonly logger: Logger } {
  const lines: Line[] = [];
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { lines, logger };
}

describe('the log', () => {
  test('has one line for a creation and one for the cleanup of a manager', async () => {
    const { lines, logger } = memoryLogger();
    await using made = await bench({ logger });
    const context = contextOf('ada', 'tab-1');
    const manager = await made.registry.acquire(context);
    await made.registry.release(manager);

    const who = `user=ada thread_id=${context.threadId} isolation_key=ada:${context.threadId}`;
    expect(lines.map(({ message }) => message)).toEqual([
      `manager created: ${who} (1/20)`,
      `manager cleanup: ${who} reason=released (0/20)`,
    ]);
    expect(lines[0]).toMatchObject({
      level: 'info',
      fields: {
        userId: 'ada',
        threadId: context.threadId,
        isolationKey: context.isolationKey,
        count: 1,
        limit: 20,
      },
    });
  });

  test('has a line for the start and the end of each cleanup, and for the limit', async () => {
    const { lines, logger } = memoryLogger();
    await using made = await bench({ logger, maxManagersPerUser: 5 });
    for (const client of ['1', '2', '3', '4', '5']) {
      await made.registry.acquire(contextOf('ada', `tab-${client}`));
    }
    await made.registry.acquire(contextOf('ada', 'late')).catch(() => {});

    const messages = lines.map(({ message }) => message);
    expect(messages).toContain('proactive cleanup started: user=ada at 60% capacity (3/5)');
    expect(messages).toContainEqual(
      expect.stringMatching(
        /^proactive cleanup finished: user=ada outcome=done probed=0 removed=0 after \d+ ms \(\d\/5\)$/,
      ),
    );
    expect(messages).toContain('emergency cleanup started: user=ada at 100% capacity (5/5)');
    expect(messages).toContainEqual(
      expect.stringMatching(
        /^emergency cleanup finished: user=ada outcome=full probed=0 removed=0 after \d+ ms \(5\/5\)$/,
      ),
    );
    expect(messages.at(-1)).toMatch(
      /^manager limit reached: user=ada thread_id=\S+ isolation_key=\S+ scope=user retry after 200 ms \(5\/5\)$/,
    );
    expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(3);
  });

  test('that throws is reported and changes nothing', async () => {
    const fail = (): never => {
      throw new Error('disk full');
    };
    const logger = { debug: fail, info: fail, warn: fail, error: fail };
    await using made = await bench({ logger });
    const errors: HookErrorEvent[] = [];
    made.registry.on('hookError', (event) => errors.push(event));

    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));

    expect(manager.state).toBe('open');
    expect(errors).toEqual([{ hook: 'logger', error: new Error('disk full') }]);
    expect(made.registry.stats()).toMatchObject({ managersCreated: 1, hookErrors: 1 });
  });
});

describe('a listener', () => {
  test('that throws is reported, and the others are called', async () => {
    await using made = await bench();
    const { registry } = made;
    const errors: HookErrorEvent[] = [];
    let called = 0;
    registry.on('hookError', (event) => errors.push(event));
    registry.on('managerCreated', () => {
      throw new Error('boom');
    });
    registry.on('managerCreated', () => {
      called += 1;
    });

    await registry.acquire(contextOf('ada', 'tab-1'));

    expect(called).toBe(1);
    expect(errors).toEqual([{ hook: 'listener:managerCreated', error: new Error('boom') }]);
  });

  test('that rejects is reported', async () => {
    await using made = await bench();
    const reported = once<HookErrorEvent>(made.registry, 'hookError');
    made.registry.on('managerCreated', async () => {
      throw new Error('boom');
    });

    await made.registry.acquire(contextOf('ada', 'tab-1'));

    expect(await reported).toMatchObject({ hook: 'listener:managerCreated' });
  });

  test('to hookError that throws goes no further than a warning', async () => {
    await using made = await bench();
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    try {
      made.registry.on('hookError', () => {
        throw new Error('boom again');
      });
      made.registry.on('managerCreated', () => {
        throw new Error('boom');
      });

      await made.registry.acquire(contextOf('ada', 'tab-1'));

      expect(warning.mock.calls).toEqual([
        [
          'The hook listener:hookError failed',
          { type: 'LeaktightWarning', detail: expect.stringMatching(/^Error: boom again\n/) },
        ],
      ]);
      expect(made.registry.stats().hookErrors).toBe(1);
    } finally {
      warning.mockRestore();
    }
  });

  test('an error that nobody listens to is at least a warning', async () => {
    await using made = await bench();
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    try {
      made.registry.on('managerCreated', () => {
        throw new Error('boom');
      });

      await made.registry.acquire(contextOf('ada', 'tab-1'));

      expect(warning).toHaveBeenCalledOnce();
    } finally {
      warning.mockRestore();
    }
  });

  test('that calls back finds the registry whole, and events stay in order', async () => {
    await using made = await bench({ maxManagersPerUser: 1 });
    const { registry } = made;
    const findings: unknown[] = [];
    registry.on('managerRemoved', () => {
      findings.push(...registry.audit());
      void registry.acquire(contextOf('ada', 'next')).catch(() => {});
    });
    const events = record(registry);
    const first = await registry.acquire(contextOf('ada', 'tab-1'));

    await registry.release(first);

    expect(findings).toEqual([]);
    expect(namesOf(events)).toEqual([
      'managerCreated',
      'managerClosing',
      'managerRemoved',
      'managerCreated',
    ]);
    expect(registry.count('ada')).toBe(1);
  });

  test('that shuts down in the middle of things does so', async () => {
    await using made = await bench();
    const { registry } = made;
    registry.once('managerCreated', () => void registry.shutdown());

    const manager = await registry.acquire(contextOf('ada', 'tab-1'));

    expect(manager.state).toBe('closed');
    await expect(registry.acquire(contextOf('ada', 'tab-2'))).rejects.toThrow();
  });
});

test('every counter equals what a listener counted', async () => {
  await using made = await bench({ maxManagersPerUser: 4 });
  const { registry } = made;
  const events = record(registry);
  for (const client of ['1', '2', '3']) await made.tab('ada', `tab-${client}`);
  await made.muteTab('ada', 'mute');
  await registry.acquire(contextOf('ada', 'late')).catch(() => {});
  await registry.acquire(contextOf('ada', 'later')).catch(() => {});
  await registry.managers('ada')[0]?.close();
  await registry.shutdown({ drainMs: 100 });

  const counted = (name: string): number => namesOf(events).filter((each) => each === name).length;
  expect(registry.stats()).toMatchObject({
    managers: 0,
    connections: 0,
    managersCreated: counted('managerCreated'),
    managersRemoved: counted('managerRemoved'),
    connectionsOpened: counted('connectionOpened'),
    connectionsClosed: counted('connectionClosed'),
    limitsReached: counted('limitReached'),
  });
  expect(counted('managerCreated')).toBe(counted('managerRemoved'));
  expect(counted('connectionOpened')).toBe(counted('connectionClosed'));
  const { cleanupsStarted, cleanupsFinished } = registry.stats();
  expect(cleanupsStarted).toEqual(cleanupsFinished);
});

test('reading changes nothing', async () => {
  await using made = await bench();
  const { registry } = made;
  const manager = await made.tab('ada', 'tab-1');
  const events = record(registry);
  const before = registry.stats();

  registry.get(contextOf('ada', 'tab-1'));
  registry.get(contextOf('nobody-1', 'tab-1'));
  registry.count('nobody-1');
  registry.managers();
  registry.audit();
  manager.connections.values();

  expect(registry.stats()).toEqual(before);
  expect(events).toEqual([]);
});

test('a wall clock that jumps keeps nothing alive and kills nothing', async () => {
  await using made = await bench({ reconnectGraceMs: 50 });
  const manager = await made.tab('ada', 'tab-1');
  const now = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 86_400_000);
  try {
    expect(await made.registry.cleanup('ada')).toMatchObject({ removed: 0 });
    now.mockReturnValue(0);
    await [...manager.connections.values()][0]?.release();

    await until(() => made.registry.size === 0);
  } finally {
    now.mockRestore();
  }
});
