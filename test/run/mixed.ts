/** A small world with everything in it: HTTP, WebSockets, raw sockets, timers, compression, and every fault. */
import http from 'node:http';
import net from 'node:net';
import zlib from 'node:zlib';
import type { WebSocket, WebSocketServer } from 'ws';
import type { Fault } from '../../sim/scenario/scenario.ts';
import type { Boot, RunOptions } from './support.ts';

// The shims come first: a static import would be hoisted above them where no setup file has done it.
await import('../../sim/platform/install.ts');
const ws: {
  readonly WebSocket: typeof WebSocket;
  readonly WebSocketServer: typeof WebSocketServer;
} = await import('ws');

const quiet = () => {};

function webServer(): void {
  const server = http.createServer({ keepAliveTimeout: 2_000 }, (request, response) => {
    zlib.gzip(`${request.url} ${Date.now()} ${Math.random()}`, (_, bytes) => {
      response.end(String(bytes.length > 20));
    });
  });
  const sockets = new ws.WebSocketServer({ server });
  sockets.on('connection', (socket) => {
    socket.on('error', quiet);
    socket.on('message', (data) => socket.send(`echo ${data} ${crypto.randomUUID()}`));
    const heartbeat = setInterval(() => socket.ping(), 700);
    socket.on('close', () => clearInterval(heartbeat));
  });
  server.listen(80);
}

function rawServer(): void {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', quiet);
    // A slow reader.
    socket.on('data', () => {
      socket.pause();
      setTimeout(() => socket.resume(), 20);
    });
    socket.on('end', () => socket.end('bye'));
  });
  server.listen(81);
}

function webClient(): void {
  // ws keeps a pool of masks that outlives a run.
  const connect = () => {
    const socket = new ws.WebSocket('ws://web/', { generateMask: (mask) => mask.fill(5) });
    const say = () => {
      // A partition may keep it from connecting for a long time.
      if (socket.readyState === socket.OPEN) socket.send(String(Math.random()));
    };
    const timer = setInterval(say, 300);
    socket.on('open', () => socket.send('hello'));
    socket.on('error', quiet);
    socket.on('close', () => {
      clearInterval(timer);
      setTimeout(connect, 100 + 400 * Math.random());
    });
    setTimeout(() => (Math.random() < 0.5 ? socket.close() : socket.terminate()), 3_000);
    timer.unref();
    socket.on('unexpected-response', quiet);
  };
  setTimeout(connect, 10);
}

function httpClient(): void {
  const agent = new http.Agent({ keepAlive: true });
  setInterval(() => {
    const request = http.get('http://web/path', { agent, timeout: 1_000 }, (response) => {
      response.resume();
    });
    request.on('timeout', () => request.destroy());
    request.on('error', quiet);
  }, 900);
}

function rawClient(): void {
  setInterval(() => {
    const socket = net.connect(81, 'raw');
    socket.on('error', quiet);
    socket.write(Buffer.alloc(100_000, 'x'));
    socket.end(String(performance.now()));
    socket.resume();
  }, 1_100);
}

export function mixedHosts(): Record<string, Boot> {
  return { web: webServer, raw: rawServer, tab: webClient, poll: httpClient, push: rawClient };
}

export function mixedOptions(seed: number): RunOptions {
  const faults: Fault[] = [
    { kind: 'proxy', atMs: 0, host: 'web', durationMs: 5_000, idleTimeoutMs: 600, zombie: true },
    { kind: 'pause', atMs: 700, host: 'web', durationMs: 400 },
    { kind: 'slow-link', atMs: 1_000, host: 'tab', addedMs: 50, durationMs: 500 },
    { kind: 'kill', atMs: 2_000, host: 'web', restartAfterMs: 300 },
    { kind: 'clock-drift', atMs: 2_500, host: 'web', ppm: 500, durationMs: 3_000 },
    {
      kind: 'partition',
      atMs: 2_800,
      host: 'tab',
      from: ['web'],
      direction: 'in',
      durationMs: 500,
    },
    { kind: 'reset', atMs: 3_500, host: 'poll' },
    { kind: 'address-change', atMs: 4_000, host: 'push' },
    { kind: 'power-loss', atMs: 4_500, host: 'raw', restartAfterMs: 700 },
    { kind: 'blackhole', atMs: 5_300, host: 'raw', durationMs: 400 },
    { kind: 'clock-jump', atMs: 5_500, host: 'poll', byMs: -86_400_000 },
    { kind: 'half-open', atMs: 6_000, host: 'tab' },
    { kind: 'refuse', atMs: 7_000, host: 'web', durationMs: 400 },
    { kind: 'kill', atMs: 7_500, host: 'push' },
  ];
  return {
    seed,
    faults,
    durationMs: 9_000,
    settleMs: 1_000,
    network: {
      latencyMs: { min: 0, max: 9 },
      latencyDistribution: seed % 2 === 0 ? 'lognormal' : 'heavy-tail',
      bandwidthBytesPerSecond: 2_000_000,
      segmentBytes: { min: 1, max: 1_460 },
      sendBufferBytes: 20_000,
      receiveBufferBytes: 10_000,
      retransmitTimeoutMs: 2_000,
    },
  };
}
