/** The chat example without a browser: its HTTP routes, its door and what it tells each tab. */
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Consumer } from '../package/consumer.ts';
import {
  Example,
  installExamples,
  messages,
  openUntilRefused,
  type PreparedRun,
} from './support.ts';

let consumer: Consumer;

beforeAll(async () => {
  consumer = await installExamples();
});

afterAll(() => consumer[Symbol.dispose]());

const start = (env: Readonly<Record<string, string>> = {}) =>
  Example.start(consumer, 'chat/server.mjs', env);

/** The cookie of a user with this name. */
async function cookieOf(example: Example, name: string): Promise<string> {
  const { headers } = await fetch(`${example.url}/session`, { method: 'POST', body: name });
  return headers.get('set-cookie')?.split(';')[0] ?? '';
}

function open(example: Example, cookie: string, client = ''): Promise<PreparedRun> {
  const query = client === '' ? '' : `?websocketClientId=${client}`;
  const origin = `http://127.0.0.1:${example.port}`;
  return example.open(`/socket${query}`, { origin, headers: { cookie } });
}

interface Told {
  readonly kind: string;
  readonly [name: string]: unknown;
}

/** All that a tab was told of one kind, once there are `count` of it. */
async function told(attempt: PreparedRun, kind: string, count: number): Promise<Told[]> {
  for (let most = 1; ; most += 1) {
    const all = (await messages(attempt, most)).map((text): Told => JSON.parse(text));
    const some = all.filter((message) => message.kind === kind);
    if (some.length >= count) return some;
  }
}

describe('the page', () => {
  test('the page is served, and nothing else of its folder', async () => {
    await using example = await start();

    expect(await (await fetch(example.url)).text()).toContain('<title>Threads</title>');
    expect((await fetch(`${example.url}/server.mjs`)).status).toBe(404);
    expect((await fetch(`${example.url}/..%2fserver.mjs`)).status).toBe(404);
  });

  test('the page learns whether its cookie is still valid', async () => {
    await using example = await start();
    const cookie = await cookieOf(example, 'ada');
    const statusOf = async (sent: string) =>
      (await fetch(`${example.url}/session`, { headers: { cookie: sent } })).status;

    expect(await statusOf(cookie)).toBe(200);
    expect(await statusOf('')).toBe(401);
    expect(await statusOf(cookie.replace('ada', 'bob'))).toBe(401);
    expect(await cookieOf(example, 'no name: <at all>')).toBe('');
  });
});

describe('upgrades', () => {
  test('a client with a cookie of the server and a page of the server is accepted', async () => {
    await using example = await start();
    const cookie = await cookieOf(example, 'ada');

    expect((await open(example, cookie)).status).toBe(101);
    expect((await open(example, '')).status).toBe(401);
    expect((await open(example, cookie.replace('ada', 'bob'))).status).toBe(401);
    const foreign = { origin: 'https://evil.example', headers: { cookie } };
    expect((await example.open('/socket', foreign)).status).toBe(403);
    expect((await example.open('/socket', { headers: { cookie } })).status).toBe(403);
  });

  test('the 21st thread of a user is closed with 1013, which a browser can read', async () => {
    await using example = await start();
    const cookie = await cookieOf(example, 'ada');
    const { opened } = await openUntilRefused(
      (number) => open(example, cookie, `tab-${number}`),
      20,
    );

    const { socket, status } = await open(example, cookie, 'tab-21');
    const [code, reason] = await once(socket, 'close');

    expect({ opened, status, code, reason: String(reason) }).toEqual({
      opened: 20,
      status: 101,
      code: 1013,
      reason: 'ERR_LEAKTIGHT_MANAGER_LIMIT',
    });
    expect((await open(example, cookie, 'tab-7')).status).toBe(101);
  });
});

describe('threads', () => {
  test('a client that sends its client id back gets its thread and its history', async () => {
    await using example = await start();
    const cookie = await cookieOf(example, 'ada');
    const first = await open(example, cookie);
    const [welcome] = await told(first, 'welcome', 1);
    first.socket.send('hello');
    await told(first, 'message', 2);
    first.socket.terminate();
    await once(first.socket, 'close');

    const second = await open(example, cookie, String(welcome?.websocketClientId));
    const [again] = await told(second, 'welcome', 1);

    expect(again).toMatchObject({
      threadId: welcome?.threadId,
      history: [
        { from: 'you', text: 'hello' },
        { from: 'bot', text: 'You said “hello”, in one word.' },
      ],
    });
    const [tabs] = await told(second, 'tabs', 1);
    expect(tabs?.tabs).toHaveLength(1);
  });

  test('a thread is shared by two tabs with one client id, and shown to no other client', async () => {
    await using example = await start();
    const cookie = await cookieOf(example, 'ada');
    const one = await open(example, cookie, 'shared');
    const two = await open(example, cookie, 'shared');
    const eve = await open(example, await cookieOf(example, 'eve'), 'shared');

    one.socket.send('hello');
    await told(two, 'message', 2);
    eve.socket.send('mine');
    const [said] = await told(eve, 'message', 2);

    expect(said).toMatchObject({ message: { text: 'mine' } });
    expect(eve.heard.join('')).not.toContain('hello');
    expect(two.heard.join('')).not.toContain('mine');
  });
});

test('the chat server drains on SIGTERM and exits with 0', async () => {
  await using example = await start();
  const { socket } = await open(example, await cookieOf(example, 'ada'));
  const closed = once(socket, 'close');

  expect(await example.end('SIGTERM')).toBe(0);
  expect((await closed)[0]).toBe(1001);
});
