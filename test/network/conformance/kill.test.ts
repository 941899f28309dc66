/** `kill -9` of a simulated process and of a real one, and what its client sees. Linux is the measure. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { expect, test } from 'vitest';
import { runClean } from '../../run/support.ts';

const kinds = ['is idle', 'has read', 'has not read', 'has written', 'has not accepted'] as const;
type Kind = (typeof kinds)[number];

/** The process that is killed. Sent to the real one as text, so it must not use anything from around it. */
function serve(
  { createServer }: typeof net,
  kind: Kind,
  port: number,
  listening: (port: number) => void,
) {
  const server = createServer({ pauseOnConnect: kind === 'has not read' }, (socket) => {
    socket.on('error', () => {});
    socket.on('data', () => {});
    if (kind === 'has not read') socket.pause();
    if (kind === 'has written') socket.write('last words');
  });
  server.listen(port, '127.0.0.1', () => listening((server.address() as net.AddressInfo).port));
}

/** Longer than a round trip, and than it takes to kill a process. */
const whileMs = 150;

function meet(kind: Kind, port: number, host: string, kill: () => void): Promise<string[]> {
  const seen: string[] = [];
  const socket = net.connect({ port, host, allowHalfOpen: true });
  socket.on('connect', () => {
    seen.push('connect');
    if (kind === 'has read' || kind === 'has not read') socket.write('hello');
    setTimeout(kill, whileMs);
  });
  socket.on('data', (bytes) => seen.push(`data ${bytes}`));
  socket.on('end', () => {
    seen.push('end');
    setTimeout(() => socket.write('are you there?'), whileMs);
    setTimeout(() => socket.write('no one'), 2 * whileMs);
  });
  socket.on('error', (error: NodeJS.ErrnoException) => seen.push(`error ${error.code}`));
  return new Promise((resolve) => {
    socket.on('close', () => {
      seen.push('close');
      resolve(seen);
    });
  });
}

async function withRealProcess(kind: Kind): Promise<string[]> {
  // A loop that blocks keeps a real process from accepting; its kernel still lets the client in.
  const blocks = kind === 'has not accepted' ? 'setTimeout(() => { for (;;); }, 0);' : '';
  const source = `(${serve})(require('node:net'), ${JSON.stringify(kind)}, 0, (port) => {
    process.stdout.write(port + '\\n'); ${blocks}
  })`;
  const child = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  // Longer than the process needs to get into its loop.
  await new Promise((resolve) => setTimeout(resolve, whileMs));
  return meet(kind, Number(line), '127.0.0.1', () => child.kill('SIGKILL'));
}

async function simulated(kind: Kind): Promise<string[]> {
  const seen: string[] = [];
  await runClean(
    {
      server: () => serve(net, kind, 80, () => {}),
      client: async () => {
        seen.push(...(await meet(kind, 80, 'server', () => {})));
      },
    },
    {
      faults: [
        ...(kind === 'has not accepted'
          ? [{ kind: 'pause', atMs: 0, host: 'server', durationMs: 1_000 } as const]
          : []),
        { kind: 'kill', atMs: 152, host: 'server' },
      ],
      durationMs: 2_000,
    },
  );
  return seen;
}

for (const kind of kinds) {
  test(`a process that is killed when it ${kind} leaves what a real one leaves`, async () => {
    const real = await withRealProcess(kind);

    expect(await simulated(kind)).toEqual(real);
    expect(real.at(-1)).toBe('close');
  });
}
