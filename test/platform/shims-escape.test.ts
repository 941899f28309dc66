/** What cannot be simulated stops the run and says what was called, even where the caller catches it. */
import childProcess, { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import dgram from 'node:dgram';
import dns from 'node:dns';
import fs from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { run } from '../run/support.ts';

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
  'a child process': { call: () => spawn('true'), said: /child_process\.spawn\(\) would leave/ },
  'a child process, promised': {
    call: () => promisify(childProcess.exec)('true'),
    said: /child_process\.exec\(\)/,
  },
  'a worker': { call: () => new Worker('', { eval: true }), said: /new Worker\(\)/ },
  'a channel of messages': { call: () => new MessageChannel(), said: /new MessageChannel\(\)/ },
  'a broadcast': { call: () => new BroadcastChannel('x'), said: /new BroadcastChannel\(\)/ },
  'a datagram': { call: () => dgram.createSocket('udp4'), said: /dgram\.createSocket\(\)/ },
  'a record of DNS': { call: () => dns.resolve4('a', () => {}), said: /dns\.resolve4\(\)/ },
  'TLS to another host': { call: () => tls.connect(443, 'a'), said: /tls\.connect\(\)/ },
  'a TLS server': {
    call: () => tls.createServer().listen(443),
    said: /tls\.Server\.listen\(\)/,
  },
  'a key that chance makes': {
    call: () => crypto.generateKeyPairSync('ed25519'),
    said: /crypto\.generateKeyPairSync\(\).*cannot be seeded/,
  },
  'Web Crypto on the thread pool': {
    call: () => crypto.webcrypto.subtle.generateKey('Ed25519', true, ['sign']),
    said: /crypto\.subtle\.generateKey\(\)/,
  },
  'the end of the process': { call: () => process.exit(), said: /process\.exit\(\)/ },
  'a signal to a real process': {
    call: () => process.kill(process.pid, 'SIGTERM'),
    said: /process\.kill\(\)/,
  },
  'a watched file': { call: () => fs.watch('.'), said: /fs\.watch\(\)/ },
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
