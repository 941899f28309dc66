/** The examples that stand in the servers people have, each started as it is, with real clients. */
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

const authorization = 'Bearer ada';
const ada = { headers: { authorization } };

describe.each([
  ['express.mjs', '/chat', 'hello', 'hello'],
  ['fastify.mjs', '/chat', '{"hello":"world"}', 'hello'],
  ['existing-express.mjs', '/', 'hello', 'ada: hello'],
])('%s', (name, path, page, answer) => {
  const tab = (example: Example, number: number): Promise<PreparedRun> =>
    example.open(`${path}?websocketClientId=tab-${number}`, ada);

  test('the server answers HTTP as before, and accepts a client', async () => {
    await using example = await Example.start(consumer, name);

    const attempt = await tab(example, 1);
    attempt.socket.send('hello');

    expect(await messages(attempt, 1)).toEqual([answer]);
    expect(await (await fetch(example.url)).text()).toBe(page);
  });

  test('the server refuses a client without a token with 401', async () => {
    await using example = await Example.start(consumer, name);

    expect((await example.open(path)).status).toBe(401);
  });

  test('the server refuses the 21st manager of a user with 429, and no other user', async () => {
    await using example = await Example.start(consumer, name);

    const { opened, refused } = await openUntilRefused((number) => tab(example, number), 30);

    expect(opened).toBe(20);
    expect(refused?.status).toBe(429);
    expect(refused?.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect((await example.open(path, { headers: { authorization: 'Bearer bob' } })).status).toBe(
      101,
    );
    expect((await fetch(example.url)).status).toBe(200);
  });

  test('the server drains on SIGTERM and exits with 0', async () => {
    await using example = await Example.start(consumer, name);
    const { socket } = await tab(example, 1);
    const closed = once(socket, 'close');

    const code = await example.end('SIGTERM');

    expect((await closed)[0]).toBe(1001);
    expect(code).toBe(0);
  });
});

describe('express.mjs', () => {
  test('express.mjs leaves other users of the WebSocketServer as they were', async () => {
    await using example = await Example.start(consumer, 'express.mjs');

    const [time] = await messages(await example.open('/clock'), 1);

    expect(time).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect((await example.open('/elsewhere')).status).toBe(404);
    expect(await tabsOf(example)).toEqual({ tabs: 0, limit: 20 });
  });

  test('express.mjs sends from a route to a tab', async () => {
    await using example = await Example.start(consumer, 'express.mjs');
    const one = await example.open('/chat?websocketClientId=one', ada);

    const answers = [];
    for (const client of ['one', 'two']) {
      const response = await fetch(`${example.url}/me/tabs/${client}`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'text/plain' },
        body: 'the report is ready',
      });
      answers.push(await response.json());
    }

    expect(answers).toEqual([{ sentTo: 1 }, { sentTo: 0 }]);
    expect(await messages(one, 1)).toEqual(['the report is ready']);
    expect(await tabsOf(example)).toEqual({ tabs: 1, limit: 20 });
  });
});

describe('fastify.mjs', () => {
  test('fastify.mjs authenticates a route and a socket by the same function', async () => {
    await using example = await Example.start(consumer, 'fastify.mjs');
    await example.open('/chat', ada);

    expect(await tabsOf(example)).toEqual({ tabs: 1, limit: 20 });
    expect((await fetch(`${example.url}/me/tabs`)).status).toBe(401);
    expect((await example.open('/elsewhere', ada)).status).toBe(404);
  });
});

async function tabsOf({ url }: Example): Promise<unknown> {
  const response = await fetch(`${url}/me/tabs`, { headers: { authorization } });
  return response.json();
}

describe('async-auth.mjs', () => {
  const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

  test('async-auth.mjs accepts a client with a token, and sends its user id', async () => {
    await using example = await Example.start(consumer, 'async-auth.mjs');

    const [told = ''] = await messages(await example.open('/', bearer('token-of-ada')), 1);

    expect(JSON.parse(told)).toMatchObject({ userId: 'ada' });
    expect(await (await fetch(example.url)).text()).toBe('hello\n');
  });

  test.each([
    ['no token', {}, 401],
    ['a wrong token', bearer('token-of-eve'), 401],
    [
      'the page of another site',
      { ...bearer('token-of-ada'), origin: 'https://evil.example' },
      403,
    ],
    ['a store that is down', bearer('down'), 503],
  ])('async-auth.mjs refuses %s', async (_name, options, status) => {
    await using example = await Example.start(consumer, 'async-auth.mjs');

    expect((await example.open('/', options)).status).toBe(status);
    expect(example.errors.join('')).toBe(status === 503 ? 'authenticate: the store is down\n' : '');
  });

  test('async-auth.mjs gives a slow store up after two seconds, and serves others meanwhile', async () => {
    await using example = await Example.start(consumer, 'async-auth.mjs');

    let isSlowOver = false;
    const slow = example.open('/', bearer('slow')).finally(() => {
      isSlowOver = true;
    });
    const other = await example.open('/', bearer('token-of-bob'));

    expect(other.status).toBe(101);
    expect(isSlowOver).toBe(false);
    expect((await slow).status).toBe(503);
    // The bound of the store ends the request, before the later one of `attach`.
    expect(example.errors.join('')).toBe('authenticate: The operation was aborted\n');
  });

  test('async-auth.mjs opens a thread only to its users', async () => {
    await using example = await Example.start(consumer, 'async-auth.mjs');

    const statuses = [];
    for (const token of ['token-of-ada', 'token-of-bob']) {
      statuses.push((await example.open('/?threadId=support', bearer(token))).status);
    }

    expect(statuses).toEqual([101, 403]);
  });

  test('async-auth.mjs refuses the 21st manager with 429, and drains on SIGTERM', async () => {
    await using example = await Example.start(consumer, 'async-auth.mjs');
    const { opened, refused } = await openUntilRefused(
      () => example.open('/', bearer('token-of-ada')),
      30,
    );

    expect(opened).toBe(20);
    expect(refused?.status).toBe(429);
    expect(await example.end('SIGTERM')).toBe(0);
  });
});
