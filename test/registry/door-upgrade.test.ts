/** One upgrade, step by step, without a network: what is asked in which order, and what each end is told as. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { WebSocketConnection } from '../../src/index.ts';
import type { DoorOptions } from './support.ts';
import { hall, pass, Wire } from './wire.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const isOpen = (wire: Wire): boolean => wire.written.startsWith('HTTP/1.1 101 ');
const never = new Promise<never>(() => {});

describe('an upgrade that is let in', () => {
  test('is a connection in the tick in which it came, when nothing had to be waited for', async () => {
    const checkOrigin = vi.fn(() => true);
    const authorizeThread = vi.fn(() => true);
    const onConnection = vi.fn((_connection: WebSocketConnection) => {});
    const made = hall({
      checkOrigin,
      authorizeThread,
      onConnection,
      authenticate: () => ({ userId: 'ada', connectionId: 'c-1' }),
    });

    const wire = made.come('/?threadId=t-1', { origin: 'https://good' });

    expect(isOpen(wire)).toBe(true);
    expect(checkOrigin).toHaveBeenCalledWith('https://good', expect.anything());
    expect(authorizeThread).toHaveBeenCalledWith('ada', 't-1');
    expect(onConnection.mock.calls[0]?.[0].id).toBe('c-1');
    await made.attachment.detach();
    await pass(10_000);
    expect(wire.destroyed).toBe(false);
    expect(made.told('upgradeRefused')).toEqual([]);
  });

  test('leaves no more on its socket when it had to be waited for', async () => {
    const made = hall();
    const late = hall({
      authenticate: async () => ({ userId: 'ada' }),
      authorizeThread: () => never,
    });
    const [wire, waiting, over] = [made.come('/?user=ada'), new Wire(), new Wire()];

    late.come('/?threadId=t-1', {}, waiting);
    late.come('/', {}, over);
    await pass(0);

    expect([isOpen(wire), isOpen(waiting), isOpen(over)]).toEqual([true, false, true]);
    expect(over.listenerCount('close')).toBe(wire.listenerCount('close'));
    expect(waiting.listenerCount('close')).toBe(1);
    // That of `ws`.
    expect([wire, over].map((each) => each.listenerCount('error'))).toEqual([1, 1]);
  });
});

describe('an upgrade that is refused', () => {
  const boom = () => {
    throw new Error('boom');
  };
  const ada = () => ({ userId: 'ada' });

  test.each<[string, DoorOptions, number, string, object?]>([
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
    ).map(([userId, kind]): [string, DoorOptions, number, string, object] => [
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
  ])('%s is told so', async (_what, options, status, reason, hookError) => {
    const made = hall({ authenticate: ada, ...options });

    const wire = made.come('/?threadId=t-1');
    await pass(700);

    expect(wire.written).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(wire.written.endsWith(`\r\n\r\n${reason}\n`)).toBe(true);
    expect(made.told('upgradeRefused')).toMatchObject([{ status, reason }]);
    expect(made.told('hookError')).toMatchObject(hookError === undefined ? [] : [hookError]);
  });

  test.each<[string, DoorOptions, string | undefined]>([
    ['checkOrigin', {}, undefined],
    ['authenticate', {}, undefined],
    ['authorizeThread', { authenticate: ada }, 'ada'],
  ])('because %s took too long tells also of its failure', async (hook, options, userId) => {
    const error = new Error('the store is down');
    const slow = () => new Promise<never>((_, reject) => setTimeout(() => reject(error), 900));
    const made = hall({ authenticationTimeoutMs: 700, ...options, [hook]: slow });

    made.come('/?threadId=t-1');
    await pass(899);
    expect(made.told('upgradeRefused')).toMatchObject([{ reason: 'The checks took too long' }]);
    expect(made.told('hookError')).toEqual([]);
    await pass(1);

    expect(made.told('hookError')).toEqual([
      { hook, error, ...(userId === undefined ? {} : { userId }) },
    ]);
    expect(made.told('upgradeRefused')).toHaveLength(1);
  });

  test('because a check took too long is told of no answer that comes later', async () => {
    const slow = () =>
      new Promise<{ userId: string }>((resolve) => setTimeout(() => resolve(ada()), 900));
    const made = hall({ authenticationTimeoutMs: 700, authenticate: slow });

    made.come('/');
    await pass(1_000);

    expect(made.told('hookError')).toEqual([]);
    expect(made.told('connectionOpened')).toEqual([]);
  });

  test('holds no timer once its socket is closed', async () => {
    const made = hall({ authenticate: async () => null });
    const before = vi.getTimerCount();

    const wire = made.come('/');
    await pass(0);
    wire.destroy();
    await pass(0);

    expect(made.told('upgradeRefused')).toMatchObject([{ status: 401 }]);
    expect(vi.getTimerCount()).toBe(before);
  });

  test('is not asked about once the registry is closed', async () => {
    const authenticate = vi.fn(ada);
    const made = hall({ authenticate });
    await made.registry.shutdown({ drainMs: 0 });

    const wire = made.come('/');

    expect(wire.written).toMatch(/^HTTP\/1\.1 503 .*going away\n$/s);
    expect(authenticate).not.toHaveBeenCalled();
  });

  test('by a handshake that throws is a fault of the server', async () => {
    const made = hall();
    made.webSocketServer.on('headers', boom);

    const wire = made.come('/?user=ada');

    expect(wire.written).toMatch(/^HTTP\/1\.1 503 .*The upgrade failed\n$/s);
    expect(made.told('hookError')).toMatchObject([{ hook: 'upgrade', userId: 'ada' }]);
  });
});

describe('a detach in the middle', () => {
  test.each([
    ['checkOrigin', 0],
    ['authenticate', 1],
  ] as const)('of %s stops the upgrade before the next step', async (hook, asked) => {
    const authenticate = vi.fn(() => ({ userId: 'ada' }));
    const detach = () => void made.attachment.detach();
    const made = hall({
      authenticate: () => {
        if (hook === 'authenticate') detach();
        return authenticate();
      },
      checkOrigin: () => {
        if (hook === 'checkOrigin') detach();
        return true;
      },
    });

    const wire = made.come('/');

    expect(wire.written).toMatch(/^HTTP\/1\.1 503 .*going away\n$/s);
    expect(authenticate).toHaveBeenCalledTimes(asked);
    expect(made.told('managerCreated')).toEqual([]);
  });

  test('of a check that then waits does not wait for it', async () => {
    const made = hall({
      authenticate: () => {
        void made.attachment.detach();
        return never;
      },
    });

    const wire = made.come('/');
    await pass(0);

    expect(wire.written).toMatch(/^HTTP\/1\.1 503 .*going away\n$/s);
  });

  test('of the acquire leaves no handshake', async () => {
    const made = hall();
    made.registry.on('managerCreated', () => void made.attachment.detach());

    const wire = made.come('/?user=ada');
    await pass(0);

    expect(wire.written).toMatch(/^HTTP\/1\.1 503 .*going away\n$/s);
  });

  test('of the handshake closes with 1013, and bounds that by two seconds', async () => {
    const verifyClient = () => {
      void made.attachment.detach();
      return true;
    };
    const made = hall({}, { closeTimeoutMs: 10_000 }, { verifyClient });

    const wire = made.come('/?user=ada');
    expect(isOpen(wire)).toBe(true);
    await pass(1_999);
    expect(wire.destroyed).toBe(false);
    await pass(1);

    expect(wire.destroyed).toBe(true);
    expect(made.told('upgradeRefused')).toMatchObject([
      { status: 1013, reason: 'The server is going away' },
    ]);
  });
});

describe('a socket that dies', () => {
  test('before it came is not waited for', async () => {
    const made = hall({ authenticate: () => never });
    const wire = new Wire();
    wire.destroy();
    await pass(0);

    made.come('/', {}, wire);
    await pass(0);

    expect(made.told('upgradeRefused')).toMatchObject([{ status: 0, reason: 'The socket died' }]);
  });

  test('before the handshake is found dead by it', () => {
    const made = hall();
    const wire = new Wire();
    wire.destroy();

    made.come('/?user=ada', {}, wire);

    expect(made.told('upgradeRefused')).toMatchObject([{ status: 0, reason: 'The socket died' }]);
  });

  test('in the handshake, and is opened all the same, is closed as failed', async () => {
    const wire = new Wire();
    const verifyClient = () => wire.emit('close');
    const authenticate = async () => ({ userId: 'ada' });
    const made = hall({ authenticate }, {}, { verifyClient });

    made.come('/', {}, wire);
    await pass(0);

    expect(made.told('upgradeRefused')).toMatchObject([{ status: 1013, reason: 'failed' }]);
    expect(made.registry.stats().connections).toBe(0);
  });
});

describe('a WebSocketServer that refuses by itself', () => {
  const malformed = { 'sec-websocket-protocol': 'a,,b' };

  test('is heard at once', () => {
    const made = hall();

    const wire = made.come('/?user=ada', malformed);

    expect(wire.written).toMatch(/^HTTP\/1\.1 400 /);
    expect(made.told('upgradeRefused')).toMatchObject([
      { status: 400, reason: 'Refused by the WebSocketServer' },
    ]);
  });

  test('whom the door was to accept and close keeps the upgrade until its socket is closed', async () => {
    const made = hall({ refuseWith: 'close' }, { maxManagersPerUser: 1, probeTimeoutMs: 100 });
    await made.fill('/?user=ada');
    const wire = new Wire();
    wire.closes = false;
    made.come('/?user=ada', malformed, wire);
    await pass(200);

    let isOver = false;
    void made.attachment.detach().then(() => {
      isOver = true;
    });
    await pass(1_500);
    expect(isOver).toBe(false);
    await pass(1_500);

    expect(isOver).toBe(true);
    expect(made.told('upgradeRefused')).toMatchObject([
      { status: 400, reason: 'Refused by the WebSocketServer' },
    ]);
  });
});

describe('whom there is no room for', () => {
  const full = { maxManagersPerUser: 1, probeTimeoutMs: 100, closeTimeoutMs: 10_000 };

  test('is accepted and closed, and has closeTimeoutMs for it', async () => {
    const made = hall({ refuseWith: 'close' }, full);
    await made.fill('/?user=ada');

    const wire = made.come('/?user=ada');
    await pass(200);

    expect(isOpen(wire)).toBe(true);
    expect(made.told('upgradeRefused')).toMatchObject([
      { status: 1013, reason: 'ERR_LEAKTIGHT_MANAGER_LIMIT' },
    ]);
    await pass(9_700);
    expect(wire.destroyed).toBe(false);
    await pass(300);
    expect(wire.destroyed).toBe(true);
  });

  test('by a handshake that throws is reported, and not answered a second time', async () => {
    const made = hall({ refuseWith: 'close' }, full);
    await made.fill('/?user=ada');
    made.webSocketServer.on('headers', () => {
      throw new Error('boom');
    });

    const wire = made.come('/?user=ada');
    await pass(200);

    expect(wire.written).toBe('');
    expect(made.told('hookError')).toMatchObject([
      { hook: 'handleUpgrade', error: new Error('boom'), userId: 'ada' },
    ]);
    expect(made.told('upgradeRefused')).toEqual([]);
    await pass(2_000);
    expect(wire.destroyed).toBe(true);
    expect(made.told('upgradeRefused')).toMatchObject([{ status: 0 }]);
  });
});

describe('a path', () => {
  const boom = () => {
    throw new Error('boom');
  };

  test('that a predicate knows is ours', () => {
    const made = hall({ path: ({ url }) => url?.startsWith('/chat') === true });

    expect(isOpen(made.come('/chat?user=ada'))).toBe(true);
    expect(made.come('/other').written).toMatch(/^HTTP\/1\.1 404 .*\r\nNot found\n$/s);
  });

  test.each([
    ['throws', boom, new Error('boom')],
    [
      'waits',
      () => Promise.resolve(true) as never,
      new TypeError('path must answer at once, it gave a promise'),
    ],
  ])('whose predicate %s is refused, whoever else listens', async (_what, path, error) => {
    const made = hall({ path });
    made.server.on('upgrade', () => {});

    const wire = made.come('/');

    expect(wire.written).toMatch(/^HTTP\/1\.1 503 .*\r\nThe check failed\n$/s);
    expect(made.told('hookError')).toEqual([{ hook: 'path', error }]);
  });

  test('that is nobody’s has the time that a shutdown has', async () => {
    const made = hall({ path: '/chat' });
    const wire = made.come('/other');

    void made.registry.shutdown({ drainMs: 0 });
    await pass(1);

    expect(wire.destroyed).toBe(true);
  });
});

test('a detach leaves no listener, and tells when to come back', async () => {
  const made = hall({ authenticate: () => never });
  const wire = made.come('/');
  await pass(0);

  const detached = made.attachment.detach();
  await pass(0);
  expect(wire.written).toContain('\r\nRetry-After: 5\r\n');
  wire.destroy();
  await detached;

  expect(made.webSocketServer.listenerCount('headers')).toBe(0);
  expect(made.server.listenerCount('upgrade')).toBe(0);
});
