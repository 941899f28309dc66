/** The programs of the README do what it says, on real sockets and in simulation, with the package as it is shipped. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { installPackage } from '../package/consumer.ts';

const root = new URL('../../', import.meta.url);
const path = (name: string) => fileURLToPath(new URL(name, root));
const readme = readFileSync(path('README.md'), 'utf8');
const run = promisify(execFile);

/** The one JavaScript block that contains `marker`. */
function programWith(marker: string): string {
  const programs = [...readme.matchAll(/```js\n(.*?)```/gs)].flatMap(
    ([, program]) => program ?? [],
  );
  const found = programs.filter((program) => program.includes(marker));
  expect(found).toHaveLength(1);
  return found[0] ?? '';
}

/** Where a program of the README runs, and what it finds there under the name of the package. */
interface Place {
  readonly folder: string;
  /** Arguments of the `node` that runs a program, without and with the simulator in place. */
  readonly flags: readonly string[];
  readonly simulatorFlags: readonly string[];
  write(name: string, program: string): string;
  leave(): void;
}

/** In the repository, with the sources in place of the package. */
async function amongSources(): Promise<Place> {
  const url = (source: string) => pathToFileURL(path(source)).href;
  mkdirSync(path('.cache/readme'), { recursive: true });
  return {
    folder: path('.'),
    flags: ['--import', 'tsx'],
    simulatorFlags: ['--import', 'tsx', '--import', url('sim/register.ts')],
    write(name, program) {
      const file = path(`.cache/readme/${name}`);
      const placed = program
        .replace("'leaktight'", `'${url('src/index.ts')}'`)
        .replace("'leaktight/sim'", `'${url('sim/index.ts')}'`);
      writeFileSync(file, placed);
      return file;
    },
    leave() {},
  };
}

/** In a project that has installed the packed tarball: the program as it is printed, run as it says. */
async function inConsumer(): Promise<Place> {
  const consumer = await installPackage();
  consumer.link('ws', '@sinonjs/fake-timers');
  return {
    folder: consumer.folder,
    flags: [],
    simulatorFlags: ['--import', 'leaktight/sim/register'],
    write: (name, program) => consumer.write(name, program),
    leave: () => consumer[Symbol.dispose](),
  };
}

async function startServer({
  folder,
  flags,
  write,
}: Place): Promise<{ readonly server: ChildProcess; readonly port: number }> {
  const file = write('first-server.mjs', programWith('new WebSocketManagerRegistry()'));
  const server = spawn(process.execPath, [...flags, file], {
    cwd: folder,
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void server.kill('SIGKILL'));
  for await (const line of createInterface({ input: server.stdout })) {
    const port = /^listening on (\d+)$/.exec(line)?.[1];
    if (port !== undefined) return { server, port: Number(port) };
  }
  throw new Error('the server did not start');
}

interface Answer {
  readonly socket: WebSocket;
  readonly status: number;
  readonly retryAfter?: string | undefined;
  readonly body?: string;
}

function openTab(
  port: number,
  tab: number,
  headers = { authorization: 'Bearer ada' },
): Promise<Answer> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/?websocketClientId=tab-${tab}`, { headers });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('open', () => resolve({ socket, status: 101 }));
    socket.on('unexpected-response', (_request, response) => {
      let body = '';
      response.on('data', (data) => {
        body += data;
      });
      response.on('end', () => {
        const { statusCode = 0, headers: told } = response;
        resolve({ socket, status: statusCode, retryAfter: told['retry-after'], body });
      });
    });
  });
}

test('the first server is the example that the README names', () => {
  const example = readFileSync(path('examples/first-server.mjs'), 'utf8');

  expect(programWith('new WebSocketManagerRegistry()')).toBe(example);
});

test('the lines for an existing server are fewer than ten, and equal those of the example that runs', () => {
  const diff = /```diff\n(.*?)```/s.exec(readme)?.[1] ?? '';
  const marked = (mark: string) =>
    diff.split('\n').flatMap((line) => (line.startsWith(mark) ? [line.slice(1)] : []));
  const example = readFileSync(path('examples/existing-express.mjs'), 'utf8')
    .split('\n')
    .map((line) => line.replace(/ \/\/ \d.*$/, ''));

  expect(marked('+').length).toBeLessThan(10);
  expect(example).toEqual(expect.arrayContaining(marked('+')));
  expect(marked('-')).toHaveLength(1);
  expect(example).not.toContain(marked('-')[0]);
});

describe.each([
  ['the sources', amongSources],
  ['the packed tarball', inConsumer],
])('with %s', (_name, findPlace) => {
  let place: Place;

  beforeAll(async () => {
    place = await findPlace();
  });

  afterAll(() => place.leave());

  test('the first server serves a ws client, refuses the 21st manager with 429, and drains on SIGTERM', async () => {
    const { server, port } = await startServer(place);

    const tabs = [];
    for (let tab = 1; tab <= 20; tab++) tabs.push(await openTab(port, tab));
    expect(tabs.map(({ status }) => status)).toEqual(Array(20).fill(101));

    const [first] = tabs;
    first?.socket.send('hello');
    const [data] = await once(first?.socket ?? server, 'message');
    expect(String(data)).toBe('hello');

    const refused = await openTab(port, 21);
    expect(refused.status).toBe(429);
    expect(refused.retryAfter).toMatch(/^[1-9]\d*$/);
    expect(refused.body).not.toBe('');

    // A known thread is no new manager.
    expect((await openTab(port, 7)).status).toBe(101);
    expect((await openTab(port, 1, { authorization: '' })).status).toBe(401);

    const closed = once(first?.socket ?? server, 'close');
    server.kill('SIGTERM');
    expect((await closed)[0]).toBe(1001);
    expect((await once(server, 'exit'))[0]).toBe(0);
  });

  test('the example of a user’s own server runs in simulation, and its client gets a reply', async () => {
    const file = place.write('run.mjs', programWith('// run.mjs'));

    const { stdout } = await run(process.execPath, [...place.simulatorFlags, file], {
      cwd: place.folder,
    });

    expect(stdout).toContain("verdict: 'passed'");
    expect(stdout).toContain('replies: 1');
  });
});

test.each([
  [['--seed', '42'], 0],
  [['--seed', '1', '--bug', 'issue-108'], 1],
])('the run that the README shows of %s is what it prints', async (args, exitCode) => {
  const command = `npm run sim -- ${args.join(' ')}`;
  const from = readme.lastIndexOf(command);
  expect(from).toBeGreaterThan(0);
  const shown = /digest: +([0-9a-f]{64})/.exec(readme.slice(from))?.[1];

  const { code, stdout } = await run(process.execPath, ['--import', 'tsx', 'sim/cli.ts', ...args], {
    cwd: path('.'),
  }).then(
    (result) => ({ code: 0, ...result }),
    (error: { readonly code: number; readonly stdout: string }) => error,
  );

  expect(code).toBe(exitCode);
  expect(/digest: +([0-9a-f]{64})/.exec(stdout)?.[1]).toBe(shown);
});
