/** The clients of the two servers, in one process of their own: real sockets on loopback. */
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

export interface Cycles {
  readonly port: number;
  readonly count: number;
  /** Every so many connections, one is cut off instead of closed. */
  readonly cutOffEvery?: number;
  /** Connections that are begun each second, however long the earlier ones take. @default as many as go */
  readonly perSecond?: number;
}

export type ClientCalls = ReturnType<(typeof roles)['client']>;

/** Connections that are on their way in or out at a time. */
const CONCURRENCY = 16;

export const roles = {
  client: () => {
    let opened = 0;
    const idle: WebSocket[] = [];

    const connect = (port: number): WebSocket => {
      opened += 1;
      return new WebSocket(`ws://127.0.0.1:${port}/?websocketClientId=tab-${opened}`, {
        headers: { authorization: `Bearer user-${opened}` },
        perMessageDeflate: false,
      });
    };

    /** Opens, sends a message, gets it back, closes. */
    const cycle = (port: number, cutsOff: boolean): Promise<void> =>
      new Promise((resolve, reject) => {
        const socket = connect(port);
        socket.on('open', () => socket.send('hello'));
        socket.on('message', () => (cutsOff ? socket.terminate() : socket.close(1000)));
        socket.on('close', () => resolve());
        socket.on('error', reject);
      });

    const open = (port: number): Promise<void> =>
      new Promise((resolve, reject) => {
        const socket = connect(port);
        socket.on('open', resolve);
        socket.on('error', reject);
        idle.push(socket);
      });

    return {
      cycle: ({ port, count, cutOffEvery = Number.POSITIVE_INFINITY, perSecond }: Cycles) => {
        const run = (index: number) => cycle(port, index % cutOffEvery === cutOffEvery - 1);
        return perSecond === undefined ? atATime(count, run) : atARate(count, perSecond, run);
      },
      /** Opens connections and leaves them open. */
      open: ({ port, count }: Cycles) => atATime(count, () => open(port)),
    };
  },
};

async function atATime(count: number, run: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await run(next - 1);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}

async function atARate(
  count: number,
  perSecond: number,
  run: (index: number) => Promise<void>,
): Promise<void> {
  const begun: Promise<void>[] = [];
  const startedMs = performance.now();
  while (begun.length < count) {
    const due = ((performance.now() - startedMs) * perSecond) / 1_000;
    while (begun.length < Math.min(due, count)) begun.push(run(begun.length));
    await sleep(1);
  }
  await Promise.all(begun);
}
