/** Upgrades that are ended by a detach, by their socket or by ws itself, without a network. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { offlineBench, pass, Wire } from '../support/wire.ts';

beforeEach(() => void vi.useFakeTimers());

afterEach(() => void vi.useRealTimers());

const isOpen = (wire: Wire): boolean => wire.written.startsWith('HTTP/1.1 101 ');

const never = new Promise<never>(() => {});

describe('detaches in the middle of an upgrade', () => {
  test.each([
    ['checkOrigin', 0],
    ['authenticate', 1],
  ] as const)('a detach during %s stops the upgrade before the next step', async (hook, asked) => {
    const authenticate = vi.fn(() => ({ userId: 'ada' }));
    const detach = () => void made.attachment.detach();
    const made = offlineBench({
      authenticate: () => {
        if (hook === 'authenticate') detach();
        return authenticate();
      },
      checkOrigin: () => {
        if (hook === 'checkOrigin') detach();
        return true;
      },
    });

    const wire = made.upgrade('/');

    expect(wire.written).toMatch(/^HTTP\/1\.1 503 .*going away\n$/s);
    expect(authenticate).toHaveBeenCalledTimes(asked);
    expect(made.eventsNamed('managerCreated')).toEqual([]);
  });

  test('a detach during a check that then waits does not wait for it', async () => {
    const made = offlineBench({
      authenticate: () => {
        void made.attachment.detach();
        return never;
      },
    });

    const wire = made.upgrade('/');
    await pass(0);

    expect(wire.written).toMatch(/^HTTP\/1\.1 503 .*going away\n$/s);
  });

  test('a detach during the acquire leaves no handshake', async () => {
    const made = offlineBench();
    made.registry.on('managerCreated', () => void made.attachment.detach());

    const wire = made.upgrade('/?user=ada');
    await pass(0);

    expect(wire.written).toMatch(/^HTTP\/1\.1 503 .*going away\n$/s);
  });

  test('a detach during the handshake closes with 1013, and bounds that by two seconds', async () => {
    const verifyClient = () => {
      void made.attachment.detach();
      return true;
    };
    const made = offlineBench({}, { closeTimeoutMs: 10_000 }, { verifyClient });

    const wire = made.upgrade('/?user=ada');
    expect(isOpen(wire)).toBe(true);
    await pass(1_999);
    expect(wire.destroyed).toBe(false);
    await pass(1);

    expect(wire.destroyed).toBe(true);
    expect(made.eventsNamed('upgradeRefused')).toMatchObject([
      { status: 1013, reason: 'The server is going away' },
    ]);
  });
});

describe('sockets that die during an upgrade', () => {
  test('an upgrade whose socket died before it came is not waited for', async () => {
    const made = offlineBench({ authenticate: () => never });
    const wire = new Wire();
    wire.destroy();
    await pass(0);

    made.upgrade('/', {}, wire);
    await pass(0);

    expect(made.eventsNamed('upgradeRefused')).toMatchObject([
      { status: 0, reason: 'The socket died' },
    ]);
  });

  test('an upgrade whose socket died before the handshake is refused by it', () => {
    const made = offlineBench();
    const wire = new Wire();
    wire.destroy();

    made.upgrade('/?user=ada', {}, wire);

    expect(made.eventsNamed('upgradeRefused')).toMatchObject([
      { status: 0, reason: 'The socket died' },
    ]);
  });

  test('an upgrade whose socket dies in the handshake and is opened all the same is closed as failed', async () => {
    const wire = new Wire();
    const verifyClient = () => wire.emit('close');
    const authenticate = async () => ({ userId: 'ada' });
    const made = offlineBench({ authenticate }, {}, { verifyClient });

    made.upgrade('/', {}, wire);
    await pass(0);

    expect(made.eventsNamed('upgradeRefused')).toMatchObject([{ status: 1013, reason: 'failed' }]);
    expect(made.registry.stats().connections).toBe(0);
  });
});

describe('refusals by the WebSocketServer', () => {
  const malformed = { 'sec-websocket-protocol': 'a,,b' };

  test('a refusal by the WebSocketServer itself is recorded at once', () => {
    const made = offlineBench();

    const wire = made.upgrade('/?user=ada', malformed);

    expect(wire.written).toMatch(/^HTTP\/1\.1 400 /);
    expect(made.eventsNamed('upgradeRefused')).toMatchObject([
      { status: 400, reason: 'Refused by the WebSocketServer' },
    ]);
  });

  test('a refusal by the WebSocketServer of a socket that was to be accepted and closed holds the upgrade until the socket is closed', async () => {
    const made = offlineBench(
      { refuseWith: 'close' },
      { maxManagersPerUser: 1, probeTimeoutMs: 100 },
    );
    await made.fill('/?user=ada');
    const wire = new Wire();
    wire.closes = false;
    made.upgrade('/?user=ada', malformed, wire);
    await pass(200);

    let isOver = false;
    void made.attachment.detach().then(() => {
      isOver = true;
    });
    await pass(1_500);
    expect(isOver).toBe(false);
    await pass(1_500);

    expect(isOver).toBe(true);
    expect(made.eventsNamed('upgradeRefused')).toMatchObject([
      { status: 400, reason: 'Refused by the WebSocketServer' },
    ]);
  });
});

describe('upgrades without room', () => {
  const full = { maxManagersPerUser: 1, probeTimeoutMs: 100, closeTimeoutMs: 10_000 };

  test('an upgrade without room is accepted and closed, and has closeTimeoutMs for it', async () => {
    const made = offlineBench({ refuseWith: 'close' }, full);
    await made.fill('/?user=ada');

    const wire = made.upgrade('/?user=ada');
    await pass(200);

    expect(isOpen(wire)).toBe(true);
    expect(made.eventsNamed('upgradeRefused')).toMatchObject([
      { status: 1013, reason: 'ERR_LEAKTIGHT_MANAGER_LIMIT' },
    ]);
    await pass(9_700);
    expect(wire.destroyed).toBe(false);
    await pass(300);
    expect(wire.destroyed).toBe(true);
  });

  test('a handshake that throws in an upgrade without room is reported, and not answered a second time', async () => {
    const made = offlineBench({ refuseWith: 'close' }, full);
    await made.fill('/?user=ada');
    made.webSocketServer.on('headers', () => {
      throw new Error('boom');
    });

    const wire = made.upgrade('/?user=ada');
    await pass(200);

    expect(wire.written).toBe('');
    expect(made.eventsNamed('hookError')).toMatchObject([
      { hook: 'handleUpgrade', error: new Error('boom'), userId: 'ada' },
    ]);
    expect(made.eventsNamed('upgradeRefused')).toEqual([]);
    await pass(2_000);
    expect(wire.destroyed).toBe(true);
    expect(made.eventsNamed('upgradeRefused')).toMatchObject([{ status: 0 }]);
  });
});

test('a detach leaves no listener, and tells clients when to come back', async () => {
  const made = offlineBench({ authenticate: () => never });
  const wire = made.upgrade('/');
  await pass(0);

  const detached = made.attachment.detach();
  await pass(0);
  expect(wire.written).toContain('\r\nRetry-After: 5\r\n');
  wire.destroy();
  await detached;

  expect(made.webSocketServer.listenerCount('headers')).toBe(0);
  expect(made.server.listenerCount('upgrade')).toBe(0);
});
