/** Accepted upgrades, step by step, without a network. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { WebSocketConnection } from '../../../src/index.ts';
import { offlineBench, pass, Wire } from '../support/wire.ts';

beforeEach(() => void vi.useFakeTimers());

afterEach(() => void vi.useRealTimers());

const isOpen = (wire: Wire): boolean => wire.written.startsWith('HTTP/1.1 101 ');

const never = new Promise<never>(() => {});

describe('accepted upgrades', () => {
  test('an upgrade is a connection in the tick in which it came, when no hook waits', async () => {
    const checkOrigin = vi.fn(() => true);
    const authorizeThread = vi.fn(() => true);
    const onConnection = vi.fn((_connection: WebSocketConnection) => {});
    const made = offlineBench({
      checkOrigin,
      authorizeThread,
      onConnection,
      authenticate: () => ({ userId: 'ada', connectionId: 'c-1' }),
    });

    const wire = made.upgrade('/?threadId=t-1', { origin: 'https://good' });

    expect(isOpen(wire)).toBe(true);
    expect(checkOrigin).toHaveBeenCalledWith('https://good', expect.anything());
    expect(authorizeThread).toHaveBeenCalledWith('ada', 't-1');
    expect(onConnection.mock.calls[0]?.[0].id).toBe('c-1');
    await made.attachment.detach();
    await pass(10_000);
    expect(wire.destroyed).toBe(false);
    expect(made.eventsNamed('upgradeRefused')).toEqual([]);
  });

  test('an upgrade that had to wait leaves no more listeners on its socket', async () => {
    const made = offlineBench();
    const late = offlineBench({
      authenticate: async () => ({ userId: 'ada' }),
      authorizeThread: () => never,
    });
    const [wire, waiting, over] = [made.upgrade('/?user=ada'), new Wire(), new Wire()];

    late.upgrade('/?threadId=t-1', {}, waiting);
    late.upgrade('/', {}, over);
    await pass(0);

    expect([isOpen(wire), isOpen(waiting), isOpen(over)]).toEqual([true, false, true]);
    expect(over.listenerCount('close')).toBe(wire.listenerCount('close'));
    expect(waiting.listenerCount('close')).toBe(1);
    // That of `ws`.
    expect([wire, over].map((each) => each.listenerCount('error'))).toEqual([1, 1]);
  });
});

describe('paths', () => {
  const boom = () => {
    throw new Error('boom');
  };

  test('an upgrade is taken when the path predicate accepts its request', () => {
    const made = offlineBench({ path: ({ url }) => url?.startsWith('/chat') === true });

    expect(isOpen(made.upgrade('/chat?user=ada'))).toBe(true);
    expect(made.upgrade('/other').written).toMatch(/^HTTP\/1\.1 404 .*\r\nNot found\n$/s);
  });

  test.each([
    ['throws', boom, new Error('boom')],
    [
      'waits',
      () => Promise.resolve(true) as never,
      new TypeError('path must answer at once, it gave a promise'),
    ],
  ])(
    'an upgrade whose path predicate %s is refused, even with another upgrade listener',
    async (_what, path, error) => {
      const made = offlineBench({ path });
      made.server.on('upgrade', () => {});

      const wire = made.upgrade('/');

      expect(wire.written).toMatch(/^HTTP\/1\.1 503 .*\r\nThe check failed\n$/s);
      expect(made.eventsNamed('hookError')).toEqual([{ hook: 'path', error }]);
    },
  );

  test('an upgrade that no path takes is ended within the time of a shutdown', async () => {
    const made = offlineBench({ path: '/chat' });
    const wire = made.upgrade('/other');

    void made.registry.shutdown({ drainMs: 0 });
    await pass(1);

    expect(wire.destroyed).toBe(true);
  });
});
