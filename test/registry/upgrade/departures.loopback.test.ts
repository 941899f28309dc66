/** Clients that leave in the middle of their upgrade. */
import type net from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { UpgradeRefusedEvent } from '../../../src/index.ts';
import { Deferred } from '../../../src/internal/deferred.ts';
import { attachedBench } from '../support/attached.ts';
import { contextOf } from '../support/bench.ts';
import { upgradeText } from '../support/loopback.ts';
import { once, until } from '../support/waiting.ts';

describe('clients that leave during an upgrade', () => {
  test.each([
    ['without a body', {}],
    ['with a body', { 'Content-Length': '10' }],
  ])(
    'a client that resets during authentication, %s, leaves no manager and crashes nothing',
    async (_, headers) => {
      const identity = new Deferred<{ userId: string }>();
      const asked = new Deferred<void>();
      await using made = await attachedBench({
        authenticate: () => {
          asked.resolve();
          return identity.promise;
        },
        // The reset ends the upgrade, and not a check that takes too long, however slow this machine is.
        authenticationTimeoutMs: 60_000,
      });
      const refused = once<UpgradeRefusedEvent>(made.registry, 'upgradeRefused');
      const peer = made.bench.raw(upgradeText('/', headers));
      // A reset that is read together with the request is another case: Node emits `end` for it.
      await asked.promise;

      peer.resetAndDestroy();
      expect(await refused).toMatchObject({ status: 0 });
      identity.resolve({ userId: 'ada' });
      await nextTurn();

      expect(made.registry.stats()).toMatchObject({ managersCreated: 0, managers: 0, waiting: 0 });
    },
  );

  test('a client that leaves while it waits for room gives its place up', async () => {
    await using made = await attachedBench(
      {},
      { maxManagersPerUser: 1, probeTimeoutMs: 1_000, emergencyDeadlineMs: 20_000 },
    );
    await made.bench.mutePeer('/?user=ada');
    await until(() => made.registry.stats().connections === 1);
    const peer = made.bench.raw(upgradeText('/?user=ada'));
    await until(() => made.registry.stats().waiting === 1);

    const finished = once(made.registry, 'cleanupFinished');
    peer.resetAndDestroy();
    await until(() => made.registry.stats().upgradesRefused === 1);
    await finished;
    await nextTurn();

    expect(made.registry.stats()).toMatchObject({
      managersCreated: 1,
      limitsReached: 0,
      waiting: 0,
    });
  });

  test('a client that leaves after its manager was made takes only that manager along', async () => {
    await using made = await attachedBench();
    const { registry } = made;
    registry.on('managerCreated', () => {
      // The worst moment: the manager is there, the handshake is not.
      for (const socket of sockets) socket.destroy();
    });
    const sockets: net.Socket[] = [];
    made.server.on('connection', (socket) => sockets.push(socket));

    made.bench.raw(upgradeText('/?user=ada&websocketClientId=tab-1'));
    await until(() => registry.stats().managersCreated === 1);
    await until(() => registry.size === 0);

    expect(registry.stats().managersRemovedBy.released).toBe(1);
    expect(registry.audit()).toEqual([]);
  });

  test('a client that leaves during its handshake leaves an idle manager of its thread to its own grace', async () => {
    await using made = await attachedBench({}, { reconnectGraceMs: 2_000 });
    const { registry } = made;
    const manager = await registry.acquire(contextOf('ada', 'tab-1'));
    let kill = (): void => {};
    made.server.on('connection', (socket) => {
      kill = () => socket.destroy();
    });
    made.webSocketServer.shouldHandle = () => {
      kill();
      return true;
    };

    made.bench.raw(upgradeText('/?user=ada&websocketClientId=tab-1'));
    await until(() => registry.stats().upgradesRefused === 1);

    expect(manager.state).toBe('open');
    expect(registry.stats()).toMatchObject({ connectionsOpened: 0, managers: 1 });
    await until(() => registry.size === 0);
  });
});
