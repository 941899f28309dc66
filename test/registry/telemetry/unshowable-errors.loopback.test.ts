/** Thrown values that cannot be shown. */
import { expect, test } from 'vitest';
import { WebSocketManagerRegistry } from '../../../src/index.ts';
import { EventDispatcher } from '../../../src/telemetry/event-dispatcher.ts';
import { expectNoUnhandledRejections } from '../support/unhandled-rejections.ts';
import { until } from '../support/waiting.ts';

expectNoUnhandledRejections();

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

test.each(unshowable)(
  '%s that a listener throws is a warning and keeps no event back',
  async (_, thrown) => {
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
  },
);
