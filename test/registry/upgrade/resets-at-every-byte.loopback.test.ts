/** A client that goes away after each single byte of its upgrade and its first frames, on real sockets. */
import type { IncomingMessage } from 'node:http';
import type net from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Identity } from '../../../src/index.ts';
import { attachedBench, userOfQuery } from '../support/attached.ts';
import { record } from '../support/events.ts';
import { upgradeText } from '../support/loopback.ts';
import { once, until } from '../support/waiting.ts';

/** A ping, a text in two fragments, and a close with 1000; masked with zeros. */
const frames = Buffer.from(
  '\x89\x82\0\0\0\0hi' + '\x01\x81\0\0\0\0a' + '\x80\x81\0\0\0\0b' + '\x88\x82\0\0\0\0\x03\xe8',
  'latin1',
);

/** Of one length for all, so that a byte is the same byte of each. */
function wholeOf(number: number): Buffer {
  const upgrade = upgradeText(`/?user=user-${String(number).padStart(4, '0')}`);
  return Buffer.concat([Buffer.from(upgrade), frames]);
}

const lastByte = wholeOf(0).length;

const boundMs = 20_000;

const uncaught: unknown[] = [];

const note = (error: unknown): void => void uncaught.push(error);

beforeEach(() => {
  process.on('uncaughtExceptionMonitor', note);
});

afterEach(() => {
  process.off('uncaughtExceptionMonitor', note);
  expect(uncaught.splice(0)).toEqual([]);
});

/** An attached server, a client that stays connected, and the sockets that the server accepted. */
async function crowd(authenticate: (request: IncomingMessage) => Promise<Identity> | Identity) {
  const made = await attachedBench({
    authenticate: (request) => {
      const identity = userOfQuery(request) ?? { userId: 'unknown-user' };
      return identity.userId === 'other' ? identity : authenticate(request);
    },
    onConnection: ({ socket }) => {
      socket.on('message', (data) => socket.send(String(data)));
    },
  });
  const events = record(made.registry);
  const accepted: net.Socket[] = [];
  made.server.on('connection', (socket) => accepted.push(socket));
  const other = made.bench.client('/?user=other');
  await once(other, 'open');
  const echo = async (text: string): Promise<string> => {
    other.send(text);
    return String(await once(other, 'message'));
  };
  return { made, events, accepted, other, echo };
}

type Crowd = Awaited<ReturnType<typeof crowd>>;

/** Sends so many bytes and waits until the server has read them. */
async function send({ made, accepted }: Crowd, bytes: Buffer): Promise<net.Socket> {
  const peer = made.bench.raw('');
  await once(peer, 'connect');
  peer.write(bytes);
  const seen = () => accepted.find(({ remotePort }) => remotePort === peer.localPort);
  await until(() => (seen()?.bytesRead ?? -1) >= bytes.length, boundMs);
  return peer;
}

async function assertNothingIsLeft({ made, events, accepted, other, echo }: Crowd): Promise<void> {
  const { registry, server, webSocketServer } = made;
  await until(() => accepted.filter(({ destroyed }) => !destroyed).length === 1, boundMs);
  expect(await echo('still there?')).toBe('still there?');
  await until(() => registry.size === 1, boundMs);
  expect(webSocketServer.clients.size).toBe(1);
  other.close();
  await until(() => registry.size === 0 && webSocketServer.clients.size === 0, boundMs);

  const told = (name: string) => events.filter((event) => event.name === name).length;
  const left = (socket: net.Socket) =>
    socket.eventNames().flatMap((name) => socket.listeners(name).map((listener) => listener.name));
  expect(registry.audit()).toEqual([]);
  expect(registry.stats()).toMatchObject({
    ...{ managers: 0, connections: 0, users: 0, waiting: 0, hookErrors: 0 },
    managersCreated: told('managerCreated'),
    managersRemoved: told('managerCreated'),
    connectionsOpened: told('connectionOpened'),
    connectionsClosed: told('connectionOpened'),
    upgradesRefused: told('upgradeRefused'),
  });
  for (const socket of accepted) {
    expect(left(socket)).not.toContain('destroyOnError');
    expect(left(socket)).not.toContain('onClose');
  }
  await made.attachment.detach();
  expect(server.listenerCount('upgrade')).toBe(0);
}

const everyByte = Array.from({ length: lastByte + 1 }, (_, bytes) => bytes);

const departures = [
  ['RST', (peer: net.Socket) => peer.resetAndDestroy()],
  ['FIN', (peer: net.Socket) => peer.resume().end()],
] as const;

test.each(departures)(
  'a client that leaves with %s after any byte leaves nothing',
  async (_, leave) => {
    const all = await crowd((request) => userOfQuery(request) as Identity);
    await using _made = all.made;

    await Promise.all(
      everyByte.map(async (bytes) => leave(await send(all, wholeOf(bytes).subarray(0, bytes)))),
    );

    await assertNothingIsLeft(all);
    expect(all.accepted.length).toBe(everyByte.length + 1);
  },
);

test.each(departures)(
  'a client that leaves with %s after any byte leaves nothing while authentication is pending',
  async (_, leave) => {
    let answer = (): void => {};
    const token = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const all = await crowd((request) => token.then(() => userOfQuery(request) as Identity));
    await using _made = all.made;
    const peers = await Promise.all(
      everyByte.map((bytes) => send(all, wholeOf(bytes).subarray(0, bytes))),
    );

    // Before the answer comes, in the same tick, and just after.
    peers.forEach((peer, index) => void (index % 3 === 0 && leave(peer)));
    await until(() => all.accepted.filter(({ destroyed }) => destroyed).length > 0, boundMs);
    peers.forEach((peer, index) => void (index % 3 === 1 && leave(peer)));
    answer();
    await token;
    peers.forEach((peer, index) => void (index % 3 === 2 && leave(peer)));

    await assertNothingIsLeft(all);
  },
);

test('a client whose RST overtakes its own bytes leaves nothing', async () => {
  const all = await crowd((request) => userOfQuery(request) as Identity);
  await using _made = all.made;

  await Promise.all(
    everyByte.map(async (bytes) => {
      const peer = all.made.bench.raw('');
      await once(peer, 'connect');
      peer.write(wholeOf(bytes).subarray(0, bytes));
      peer.resetAndDestroy();
    }),
  );

  await assertNothingIsLeft(all);
});
