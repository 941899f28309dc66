/** Refused upgrades, step by step, without a network. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AttachChoices } from '../support/attached.ts';
import { offlineBench, pass } from '../support/wire.ts';

beforeEach(() => void vi.useFakeTimers());

afterEach(() => void vi.useRealTimers());

const never = new Promise<never>(() => {});

describe('refused upgrades', () => {
  const boom = () => {
    throw new Error('boom');
  };
  const ada = () => ({ userId: 'ada' });

  test.each<[string, AttachChoices, number, string, object?]>([
    ['by checkOrigin', { checkOrigin: () => false }, 403, 'This origin is not allowed'],
    [
      'by a checkOrigin that says no more than yes',
      { checkOrigin: () => 'yes' as unknown as boolean },
      403,
      'This origin is not allowed',
    ],
    ['by authorizeThread', { authorizeThread: () => false }, 403, 'This thread is not allowed'],
    [
      'by a checkOrigin that throws',
      { checkOrigin: boom },
      503,
      'The check failed',
      { hook: 'checkOrigin', error: new Error('boom') },
    ],
    [
      'by an authenticate that throws',
      { authenticate: boom },
      503,
      'The check failed',
      { hook: 'authenticate', error: new Error('boom') },
    ],
    [
      'by an authenticate that gives a number',
      { authenticate: () => 42 as never },
      503,
      'The check failed',
      {
        hook: 'authenticate',
        error: new TypeError('authenticate must give an identity, got a number'),
      },
    ],
    [
      'by an authenticate that gives a function',
      { authenticate: () => Object.assign(() => {}, { userId: 'ada' }) as never },
      503,
      'The check failed',
      {
        hook: 'authenticate',
        error: new TypeError('authenticate must give an identity, got a function'),
      },
    ],
    [
      'by an authenticate that gives a number as userId',
      { authenticate: () => ({ userId: 7 }) as never },
      503,
      'The check failed',
      {
        hook: 'authenticate',
        error: new TypeError('authenticate must give a string as userId, got a number'),
      },
    ],
    ...(
      [
        [undefined, 'undefined'],
        [null, 'null'],
        [{}, 'an object'],
      ] as const
    ).map(([userId, kind]): [string, AttachChoices, number, string, object] => [
      `by an authenticate that gives ${kind} as userId`,
      { authenticate: () => ({ userId }) as never },
      503,
      'The check failed',
      {
        hook: 'authenticate',
        error: new TypeError(`authenticate must give a string as userId, got ${kind}`),
      },
    ]),
    [
      'for a connection id that is none',
      { authenticate: () => ({ userId: 'ada', connectionId: '' }) },
      400,
      'Invalid connectionId',
    ],
    [
      'after checks that take too long',
      { authenticate: () => never, authenticationTimeoutMs: 700 },
      503,
      'The checks took too long',
    ],
  ])(
    'an upgrade that is refused %s is told so',
    async (_what, options, status, reason, hookError) => {
      const made = offlineBench({ authenticate: ada, ...options });

      const wire = made.upgrade('/?threadId=t-1');
      await pass(700);

      expect(wire.written).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
      expect(wire.written.endsWith(`\r\n\r\n${reason}\n`)).toBe(true);
      expect(made.eventsNamed('upgradeRefused')).toMatchObject([{ status, reason }]);
      expect(made.eventsNamed('hookError')).toMatchObject(
        hookError === undefined ? [] : [hookError],
      );
    },
  );

  test.each<[string, AttachChoices, string | undefined]>([
    ['checkOrigin', {}, undefined],
    ['authenticate', {}, undefined],
    ['authorizeThread', { authenticate: ada }, 'ada'],
  ])(
    'an upgrade refused because %s took too long still reports the later failure of that hook',
    async (hook, options, userId) => {
      const error = new Error('the store is down');
      const slow = () => new Promise<never>((_, reject) => setTimeout(() => reject(error), 900));
      const made = offlineBench({ authenticationTimeoutMs: 700, ...options, [hook]: slow });

      made.upgrade('/?threadId=t-1');
      await pass(899);
      expect(made.eventsNamed('upgradeRefused')).toMatchObject([
        { reason: 'The checks took too long' },
      ]);
      expect(made.eventsNamed('hookError')).toEqual([]);
      await pass(1);

      expect(made.eventsNamed('hookError')).toEqual([
        { hook, error, ...(userId === undefined ? {} : { userId }) },
      ]);
      expect(made.eventsNamed('upgradeRefused')).toHaveLength(1);
    },
  );

  test('an upgrade refused because a check took too long ignores an answer that comes later', async () => {
    const slow = () =>
      new Promise<{ userId: string }>((resolve) => setTimeout(() => resolve(ada()), 900));
    const made = offlineBench({ authenticationTimeoutMs: 700, authenticate: slow });

    made.upgrade('/');
    await pass(1_000);

    expect(made.eventsNamed('hookError')).toEqual([]);
    expect(made.eventsNamed('connectionOpened')).toEqual([]);
  });

  test('a refused upgrade holds no timer once its socket is closed', async () => {
    const made = offlineBench({ authenticate: async () => null });
    const before = vi.getTimerCount();

    const wire = made.upgrade('/');
    await pass(0);
    wire.destroy();
    await pass(0);

    expect(made.eventsNamed('upgradeRefused')).toMatchObject([{ status: 401 }]);
    expect(vi.getTimerCount()).toBe(before);
  });

  test('an upgrade is not authenticated once the registry is closed', async () => {
    const authenticate = vi.fn(ada);
    const made = offlineBench({ authenticate });
    await made.registry.shutdown({ drainMs: 0 });

    const wire = made.upgrade('/');

    expect(wire.written).toMatch(/^HTTP\/1\.1 503 .*going away\n$/s);
    expect(authenticate).not.toHaveBeenCalled();
  });

  test('a handshake that throws is answered as a fault of the server', async () => {
    const made = offlineBench();
    made.webSocketServer.on('headers', boom);

    const wire = made.upgrade('/?user=ada');

    expect(wire.written).toMatch(/^HTTP\/1\.1 503 .*The upgrade failed\n$/s);
    expect(made.eventsNamed('hookError')).toMatchObject([{ hook: 'upgrade', userId: 'ada' }]);
  });
});
