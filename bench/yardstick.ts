/**
 * What a simulation of `ws` costs at least: forty lines that are quickly written. A real server and real clients
 * over streams in memory, with timers that are ticked on. No network, no faults, no trace, no invariants.
 */
import { createServer } from 'node:http';
import * as streams from 'node:stream';
import FakeTimers from '@sinonjs/fake-timers';
import { WebSocket, WebSocketServer } from 'ws';
import { CLIENTS, firstMessageAtMs, INTERVAL_MS, MESSAGES, RUN_MS } from './chatter.ts';
import { SlowDuplex } from './slow-duplex.ts';

type Pair = readonly [streams.Duplex, streams.Duplex];
// In Node since 20.17 and 22.6, in its types later.
const { duplexPair } = streams as typeof streams & { readonly duplexPair: () => Pair };

const realImmediate = setImmediate;
/** Lets everything happen that waits for no timer. */
const settle = (): Promise<void> => new Promise((resolve) => realImmediate(resolve));

const kinds = {
  /** Bytes arrive when they are written, and time goes on 100 ms at a time. */
  coarse: {
    pair: duplexPair,
    async run(clock: FakeTimers.Clock): Promise<void> {
      for (let ms = 0; ms < RUN_MS; ms += 100) {
        clock.tick(100);
        await settle();
      }
    },
  },
  /** Each segment arrives by itself, after a latency, and everything that it sets off is over before the next. */
  faithful: {
    pair: SlowDuplex.pair,
    async run(clock: FakeTimers.Clock): Promise<void> {
      await settle();
      while (clock.now < RUN_MS && clock.countTimers() > 0) {
        clock.next();
        await settle();
      }
    },
  },
};

/** Runs once and says how many frames went there and back. */
export async function yardstick(kind: keyof typeof kinds): Promise<number> {
  const { pair, run } = kinds[kind];
  const toFake = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] as const;
  const clock = FakeTimers.install({ toFake: [...toFake], now: 0 });
  let frames = 0;
  const server = createServer();
  new WebSocketServer({ server }).on('connection', (socket) => {
    socket.on('message', (data) => socket.send(String(data)));
  });
  const sockets = Array.from({ length: CLIENTS }, (_, client) => {
    const [near, far] = pair();
    const socket = new WebSocket('ws://server', { createConnection: () => near as never });
    server.emit('connection', far);
    let sent = 0;
    const say = (): void => {
      sent += 1;
      frames += 1;
      socket.send(`message ${sent}`);
      setTimeout(() => (sent < MESSAGES ? say() : socket.close()), INTERVAL_MS);
    };
    socket.on('message', () => {
      frames += 1;
    });
    socket.on('open', () => setTimeout(say, firstMessageAtMs(client)));
    return socket;
  });
  await run(clock);
  clock.uninstall();
  const isOpen = sockets.some(({ readyState }) => readyState !== WebSocket.CLOSED);
  if (isOpen) throw new Error('a yardstick was not over in its time');
  return frames;
}
