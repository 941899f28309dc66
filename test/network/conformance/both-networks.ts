/**
 * One socket script on the simulated network and on real loopback sockets, and what each saw. What is compared is what
 * TCP and Node promise: the order of events at one actor, and bytes.
 *
 * Where the two differ, and must:
 *
 * - How bytes are cut. The kernel joins and cuts by its own timing; the simulation by its seed.
 * - The order of what happens to two actors at once. Both orders occur on loopback; the seed draws one.
 * - Time. The simulation knows whole milliseconds, and loopback hardly takes one.
 * - Buffers. Linux sizes them as it goes, up to some megabytes; simulated ones are as large as the scenario says, and the
 *   default high water mark of a stream is 64 KiB, on Node 20 as well.
 * - Which error, if any, answers a write that waits when its socket is destroyed, and which asynchronous context an
 *   accepted socket inherits: that differs between the versions of Node.
 * - What has nothing to act on: `setNoDelay` (there is no Nagle's algorithm to switch off), `setKeepAlive` (the kernel
 *   sends no probes), `ref` and `unref` (a simulated process does not end when it has nothing to do).
 * - Addresses. A host has one IPv4 address, a listener listens on it whatever it asks for, names resolve at once and
 *   without a `lookup` event, and there is no TIME_WAIT and no limit to the queue of a listener.
 * - Classes. A simulated socket is a `stream.Duplex` with the members of `net.Socket`, and no instance of it; its
 *   `_handle` has what `node:http` looks at. Errors of the system have no stack.
 */
import type net from 'node:net';
import { type RunOptions, runClean } from '../../run/support.ts';

/** What happened to each actor, in order. Neighbouring pieces of data are joined. */
export type Observed = Record<string, string[]>;

export interface Stage {
  /** Writes down that something happened to `actor`. */
  readonly note: (actor: string, what: string) => void;
  /** Writes down the events of a socket. */
  readonly watch: (actor: string, socket: net.Socket, options?: { data?: boolean }) => net.Socket;
  /** The listening server is up, at this port of 127.0.0.1. */
  readonly listen: (server: net.Server, then: (port: number) => void) => void;
  /** Milliseconds that are surely longer than a round trip. */
  readonly aWhile: (then: () => void) => void;
  /** The script is over. */
  readonly done: () => void;
}

const whileMs = 40;

export type Script = (stage: Stage) => void;

export async function onBothNetworks(
  script: Script,
  options: RunOptions = {},
): Promise<{ readonly real: Observed; readonly simulated: Observed }> {
  return { real: await onLoopback(script), simulated: await onSimulation(script, options) };
}

export async function onSimulation(script: Script, options: RunOptions = {}): Promise<Observed> {
  const observed: Observed = {};
  let isDone = false;
  const done = () => {
    isDone = true;
  };
  const hosts = { box: () => script(stageOn(observed, done)) };
  await runClean(hosts, { durationMs: 60_000, ...options });
  if (!isDone) throw new Error(`the script did not end: ${JSON.stringify(observed)}`);
  return observed;
}

async function onLoopback(script: Script): Promise<Observed> {
  const observed: Observed = {};
  await new Promise<void>((resolve, reject) => {
    const late = () => reject(new Error(`the script did not end: ${JSON.stringify(observed)}`));
    const deadline = setTimeout(late, 5_000);
    script(
      stageOn(observed, () => {
        clearTimeout(deadline);
        // What follows from the last step is to be seen as well.
        setTimeout(resolve, whileMs);
      }),
    );
  });
  return observed;
}

function stageOn(observed: Observed, done: () => void): Stage {
  const seenBy = (actor: string): string[] => {
    observed[actor] ??= [];
    return observed[actor];
  };
  const note = (actor: string, what: string) => void seenBy(actor).push(what);
  const noteData = (actor: string, bytes: Buffer) => {
    const seen = seenBy(actor);
    const last = seen.at(-1);
    if (last?.startsWith('data ')) seen[seen.length - 1] = `${last}${bytes.toString('latin1')}`;
    else seen.push(`data ${bytes.toString('latin1')}`);
  };
  return {
    note,
    watch(actor, socket, { data = true } = {}) {
      for (const event of ['connect', 'ready', 'end', 'finish', 'drain', 'timeout']) {
        socket.on(event, () => note(actor, event));
      }
      if (data) socket.on('data', (bytes: Buffer) => noteData(actor, bytes));
      socket.on('error', (error: NodeJS.ErrnoException) => {
        note(actor, `error ${error.code} ${error.syscall ?? ''}`.trim());
      });
      socket.on('close', (hadError) => note(actor, `close ${hadError}`));
      return socket;
    },
    listen(server, then) {
      server.listen(0, '127.0.0.1', () => then((server.address() as net.AddressInfo).port));
    },
    aWhile: (then) => void setTimeout(then, whileMs),
    done,
  };
}
