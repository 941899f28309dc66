import { describe, expect, test, vi } from 'vitest';
import type { HookErrorEvent } from '../../../src/index.ts';
import { bench, contextOf } from '../support/bench.ts';
import { namesOf, record } from '../support/events.ts';
import { expectNoUnhandledRejections } from '../support/unhandled-rejections.ts';
import { once, sleep } from '../support/waiting.ts';

expectNoUnhandledRejections();

/** As a hook of plain JavaScript would: a `then` that no promise has. */
function thenable(then: unknown): never {
  return { then } as never;
}

describe('listeners', () => {
  test('a listener that throws is reported, and the others are called', async () => {
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

  test('a listener that rejects is reported', async () => {
    await using made = await bench();
    const reported = once<HookErrorEvent>(made.registry, 'hookError');
    made.registry.on('managerCreated', async () => {
      throw new Error('boom');
    });

    await made.registry.acquire(contextOf('ada', 'tab-1'));

    expect(await reported).toMatchObject({ hook: 'listener:managerCreated' });
  });

  test('a listener to hookError that throws goes no further than a warning', async () => {
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

  test('an error without a listener is at least a warning', async () => {
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

  test('a listener that calls back finds the registry consistent, and events stay in order', async () => {
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

  test('a listener may shut the registry down in the middle of an acquire', async () => {
    await using made = await bench();
    const { registry } = made;
    registry.once('managerCreated', () => void registry.shutdown());

    const manager = await registry.acquire(contextOf('ada', 'tab-1'));

    expect(manager.state).toBe('closed');
    await expect(registry.acquire(contextOf('ada', 'tab-2'))).rejects.toThrow();
  });
});

test('a listener whose promise rejects and then throws is reported once', async () => {
  await using made = await bench();
  const events = record(made.registry);
  made.registry.on('managerCreated', () =>
    thenable((_: unknown, refuse: (error: unknown) => void) => {
      refuse(new Error('first'));
      throw new Error('second');
    }),
  );

  await made.registry.acquire(contextOf('ada', 'tab-1'));
  await sleep(5);

  expect(namesOf(events).filter((name) => name === 'hookError')).toHaveLength(1);
});
