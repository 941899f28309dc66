/** What cannot be simulated stops the run and says what was called, even where the caller catches it. */
import net from 'node:net';
import { expect, test } from 'vitest';
import { run } from './support.ts';

const escapes: Record<string, { readonly call: () => unknown; readonly said: RegExp }> = {
  'a socket that connects by itself': {
    call: () => new net.Socket().connect(80, 'a'),
    said: /new net\.Socket\(\)\.connect\(\) would leave the simulation.*host a.*net\.connect/,
  },
  'a path to connect to': {
    call: () => net.connect({ path: '/tmp/socket' }),
    said: /net\.connect to \/tmp\/socket/,
  },
  'a path as the only argument': { call: () => net.connect('/tmp/socket'), said: /\/tmp\/socket/ },
  'a path to listen on': { call: () => net.createServer().listen('/tmp/x'), said: /"\/tmp\/x"/ },
  'a descriptor to listen on': {
    call: () => net.createServer().listen({ fd: 3 }),
    said: /descriptor/,
  },
  fetch: { call: () => fetch('http://a/'), said: /fetch\(\) would leave the simulation/ },
};

for (const [name, { call, said }] of Object.entries(escapes)) {
  test(`${name} is refused during a run`, async () => {
    const quietly = () => {
      try {
        call();
      } catch {
        // Code under test that catches everything does not hide it.
      }
    };

    const outcome = await run({ a: quietly });

    expect(outcome.verdict).toBe('crashed');
    expect(outcome.failure?.invariant).toBe('nothing leaves the simulation');
    expect(outcome.failure?.detail).toMatch(said);
  });
}

test('connect and listen outside any host are refused', async () => {
  const connect = await run({}, { at: { 5: () => void net.connect(80, 'a') } });
  const listen = await run({}, { at: { 5: () => void net.createServer().listen(80) } });

  expect(connect.failure?.detail).toMatch(/connect from the code of a simulated host/);
  expect(listen.failure?.detail).toMatch(/listen in the code of a simulated host/);
});

test('the global WebSocket of newer Nodes is refused during a run', async () => {
  const construct = () => {
    const { WebSocket } = globalThis as { WebSocket?: new (url: string) => unknown };
    if (WebSocket !== undefined) new WebSocket('ws://a/');
  };

  const outcome = await run({ a: construct });

  const isThere = 'WebSocket' in globalThis;
  expect(outcome.verdict).toBe(isThere ? 'crashed' : 'passed');
});

test("outside a run a path, a socket and fetch are the platform's", async () => {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;

  const response = await fetch(`http://127.0.0.1:${port}/`);
  const socket = new net.Socket().connect(port, '127.0.0.1');
  await new Promise((resolve) => socket.on('connect', resolve));

  expect(await response.text()).toBe('ok');
  socket.destroy();
  server.close();
});
