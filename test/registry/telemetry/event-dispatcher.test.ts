/** In which order and to which listeners the event dispatcher tells what happened, and what it does when one of them fails. */
import { EventEmitter } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Logger, RegistryEvents } from '../../../src/index.ts';
import {
  EventDispatcher,
  isThenable,
  onRejection,
} from '../../../src/telemetry/event-dispatcher.ts';

const SWEEP = { managers: 0, messages: 0, accounts: 0, durationMs: 0 };

function dispatcherOf(logger?: Logger) {
  const emitter = new EventEmitter<RegistryEvents>();
  return { emitter, dispatcher: new EventDispatcher(emitter, logger) };
}

function memory() {
  const lines: string[] = [];
  const write = (_fields: object, message: string): void => void lines.push(message);
  return { lines, logger: { debug: write, info: write, warn: write, error: write } };
}

const warnings = () => vi.spyOn(process, 'emitWarning').mockImplementation(() => {});

afterEach(() => void vi.restoreAllMocks());

describe('events within a change', () => {
  test('an event within a change is told when the outermost change is over, in order', () => {
    const { emitter, dispatcher } = dispatcherOf();
    const told: string[] = [];
    emitter.on('sweepFinished', () => told.push('sweep'));
    emitter.on('hookError', ({ hook }) => told.push(hook));

    dispatcher.enter();
    dispatcher.enter();
    dispatcher.record('sweepFinished', SWEEP);
    dispatcher.leave();
    dispatcher.hookFailed('second', undefined);
    expect(told).toEqual([]);
    expect(dispatcher.counters.of('sweepFinished')).toBe(0);
    dispatcher.leave();

    expect(told).toEqual(['sweep', 'second']);
    expect(dispatcher.counters.of('sweepFinished')).toBe(1);
  });

  test('an event within a change that fails is told nevertheless', () => {
    const { emitter, dispatcher } = dispatcherOf();
    const heard = vi.fn();
    emitter.on('sweepFinished', heard);

    expect(() =>
      dispatcher.run(() => {
        dispatcher.record('sweepFinished', SWEEP);
        throw new Error('boom');
      }),
    ).toThrow('boom');

    expect(heard).toHaveBeenCalledOnce();
  });
});

describe('events of every connection', () => {
  test('an event of every connection is counted and not made without a listener', () => {
    const { dispatcher } = dispatcherOf();
    const describe_ = vi.fn();

    dispatcher.note('connectionClosed', 'peer', describe_);

    expect(describe_).not.toHaveBeenCalled();
    expect(dispatcher.counters.of('connectionClosed', 'peer')).toBe(1);
    expect(dispatcher.counters.of('connectionClosed')).toBe(1);
    expect(dispatcher.counters.of('connectionClosed', 'lost')).toBe(0);
  });
});

describe('failures of hooks', () => {
  test('a failed hook names the user when there is one, and has no user otherwise', () => {
    const { emitter, dispatcher } = dispatcherOf();
    const told: object[] = [];
    emitter.on('hookError', (event) => told.push(event));

    dispatcher.hookFailed('path', 1);
    dispatcher.hookFailed('path', 2, 'ada');

    expect(told).toStrictEqual([
      { hook: 'path', error: 1 },
      { hook: 'path', error: 2, userId: 'ada' },
    ]);
  });

  test('a failed hook is logged, unless it is the logger that failed', () => {
    const { lines, logger } = memory();
    const { dispatcher } = dispatcherOf(logger);
    const warned = warnings();

    dispatcher.hookFailed('path', new Error('boom'));
    dispatcher.hookFailed('logger', new Error('disk full'));

    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('path');
    expect(warned).not.toHaveBeenCalled();
  });

  const boom = new RangeError('boom');

  test.each<[string, unknown, string]>([
    ['an error', boom, String(boom.stack)],
    ['a text', 'boom', 'boom'],
    ['nothing', undefined, 'undefined'],
  ])('a failed hook without a listener and a logger is a warning: %s', (_what, error, detail) => {
    const warned = warnings();

    dispatcherOf().dispatcher.hookFailed('path', error);

    const warning = ['The hook path failed', { type: 'LeaktightWarning', detail }];
    expect(warned.mock.calls).toEqual([warning]);
  });

  test('a failed hook whose error cannot be shown is a warning that says so', () => {
    const warned = warnings();
    const error = {
      toString: () => {
        throw new Error('no');
      },
    };

    dispatcherOf().dispatcher.hookFailed('path', error);

    expect(warned.mock.calls).toEqual([
      [
        'The hook path failed',
        { type: 'LeaktightWarning', detail: 'with something that cannot be shown' },
      ],
    ]);
  });
});

test('an event without a listener that is no failure is no warning', () => {
  const warned = warnings();

  dispatcherOf().dispatcher.record('sweepFinished', SWEEP);

  expect(warned).not.toHaveBeenCalled();
});

test('an event without a log line is not given to the logger', () => {
  const { lines, logger } = memory();
  const { emitter, dispatcher } = dispatcherOf(logger);
  const failed = vi.fn();
  emitter.on('hookError', failed);

  dispatcher.record('connectionOpened', {} as never);

  expect(lines).toEqual([]);
  expect(failed).not.toHaveBeenCalled();
});

describe('return values of listeners', () => {
  // biome-ignore lint/suspicious/noThenProperty: what looks like a promise and is none is what this is about.
  const nothing = { then: 7 };
  test.each([[undefined], [null], [7], ['then'], [nothing], [Object.create(null)]])(
    'the return value %j of a listener is no promise',
    async (returned) => {
      const { emitter, dispatcher } = dispatcherOf();
      const failed = vi.fn();
      emitter.on('hookError', failed);
      emitter.on('sweepFinished', () => returned as never);

      dispatcher.record('sweepFinished', SWEEP);
      await Promise.resolve();

      expect(isThenable(returned)).toBe(false);
      expect(failed).not.toHaveBeenCalled();
    },
  );

  test('a promise of any kind that a listener returns is reported when it rejects', async () => {
    const failed = vi.fn();
    const foreign = {
      // biome-ignore lint/suspicious/noThenProperty: a promise of another make is what this is about.
      then: (_resolve: unknown, reject: (error: unknown) => void) => reject('foreign'),
    };
    expect(isThenable(foreign)).toBe(true);

    onRejection(foreign, failed);
    onRejection(Promise.reject(new Error('own')), failed);
    await new Promise((resolve) => setImmediate(resolve));

    expect(failed.mock.calls.flat()).toEqual(expect.arrayContaining(['foreign', new Error('own')]));
    expect(failed).toHaveBeenCalledTimes(2);
  });
});
