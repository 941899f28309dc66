/** What a listener, a logger or a hook of the application's may do without harm. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  type AttachOptions,
  type HookErrorEvent,
  type Logger,
  WebSocketManagerRegistry,
} from '../../src/index.ts';
import { EventDispatcher } from '../../src/telemetry/event-dispatcher.ts';
import {
  attempt,
  bench,
  contextOf,
  door,
  namesOf,
  once,
  record,
  sleep,
  until,
  upgradeText,
} from './support.ts';

const unhandled: unknown[] = [];
const onUnhandled = (error: unknown): void => void unhandled.push(error);

beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', onUnhandled);
});

afterEach(async () => {
  await sleep(5);
  process.off('unhandledRejection', onUnhandled);
  expect(unhandled).toEqual([]);
});

const unshowable: readonly [string, unknown][] = [
  ['an object without a prototype', Object.create(null)],
  [
    'a proxy that refuses everything',
    new Proxy(new Error('hidden'), {
      get: () => {
        throw new Error('no');
      },
      getPrototypeOf: () => {
        throw new Error('no');
      },
    }),
  ],
  [
    'an error that cannot be read',
    Object.defineProperty(new Error('hidden'), 'stack', {
      get: () => {
        throw new Error('no');
      },
    }),
  ],
  ['a symbol', Symbol('odd')],
];

test.each(unshowable)('%s that is thrown is a warning and keeps no event', async (_, thrown) => {
  const warnings: unknown[] = [];
  const onWarning = (warning: unknown): void => void warnings.push(warning);
  process.on('warning', onWarning);
  const registry = new WebSocketManagerRegistry();
  const dispatcher = new EventDispatcher(registry, undefined);
  let swept = 0;
  registry.on('hookError', () => {
    throw thrown;
  });
  registry.on('sweepFinished', () => {
    swept += 1;
  });
  const report = { managers: 0, messages: 0, accounts: 0, durationMs: 0 };

  dispatcher.run(() => {
    dispatcher.hookFailed('first', thrown);
    dispatcher.record('sweepFinished', report);
    dispatcher.hookFailed('second', thrown);
    dispatcher.record('sweepFinished', report);
  });

  expect(swept).toBe(2);
  expect(dispatcher.counters.of('hookError')).toBe(2);
  expect(dispatcher.counters.of('sweepFinished')).toBe(2);
  await until(() => warnings.length === 2);
  process.off('warning', onWarning);
});

test('a warning says which hook failed, with what, and where', () => {
  const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const dispatcher = new EventDispatcher(new WebSocketManagerRegistry(), undefined);
  const error = new TypeError('boom');

  dispatcher.hookFailed('hook', error);

  expect(warning).toHaveBeenCalledWith('The hook hook failed', {
    type: 'LeaktightWarning',
    detail: error.stack,
  });
  warning.mockRestore();
});

test('a logger that rejects is reported and changes nothing', async () => {
  const rejects = () => Promise.reject(new Error('log'));
  const logger = { debug: rejects, info: rejects, warn: rejects, error: rejects } as Logger;
  await using made = await bench({ logger });
  const reported = once<HookErrorEvent>(made.registry, 'hookError');

  const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));

  expect(manager.state).toBe('open');
  expect(await reported).toMatchObject({ hook: 'logger', error: new Error('log') });
});

test('a path that answers with a promise is reported and refused, also when it rejects', async () => {
  const path = (() => Promise.reject(new Error('late'))) as unknown as AttachOptions['path'];
  await using made = await door({ path });
  const events = record(made.registry);

  const answer = await made.bench.exchange(upgradeText('/?user=ada'));

  expect(answer).toMatch(/^HTTP\/1\.1 503 /);
  await until(() => namesOf(events).includes('hookError'));
  expect(events.map(({ event }) => event)).toContainEqual({
    hook: 'path',
    error: new Error('late'),
  });
});

/** As a hook of plain JavaScript would: a `then` that no promise has. */
function thenable(then: unknown): never {
  return { then } as never;
}

test('a hook that answers with a promise of a promise that never settles is bounded', async () => {
  await using made = await door({
    authenticationTimeoutMs: 60,
    authenticate: () => thenable((settle: (value: unknown) => void) => settle(thenable(() => {}))),
  });

  expect(await made.bench.exchange(upgradeText('/'))).toMatch(/^HTTP\/1\.1 503 /);

  await made.attachment.detach();
});

test('a hook whose promise rejects and then throws is reported once', async () => {
  await using made = await door({
    authenticate: () =>
      thenable((_: unknown, refuse: (error: unknown) => void) => {
        refuse(new Error('first'));
        throw new Error('second');
      }),
  });
  const events = record(made.registry);

  expect(await made.bench.exchange(upgradeText('/'))).toMatch(/^HTTP\/1\.1 503 /);

  expect(events.filter(({ name }) => name === 'hookError').map(({ event }) => event)).toEqual([
    { hook: 'authenticate', error: new Error('first') },
  ]);
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

test.each(['detach', 'shutdown'] as const)(
  'a listener that calls %s while an upgrade is being refused does no harm',
  async (what) => {
    await using made = await door({}, { maxManagers: 1 });
    await attempt(made.bench.client('/?user=ada'));
    made.registry.on('limitReached', () => {
      if (what === 'detach') void made.attachment.detach();
      else void made.registry.shutdown({ drainMs: 20 });
    });

    const { status } = await attempt(made.bench.client('/?user=bob'));

    expect(status).toBe(503);
  },
);

test('a hook that detaches and then rejects does no harm', async () => {
  await using made = await door({
    authenticate: () => {
      void made.attachment.detach();
      return Promise.reject(new Error('late'));
    },
  });

  expect((await attempt(made.bench.client('/?user=ada'))).status).toBe(503);
});
