/** What the types of the tarball let a TypeScript project write, and what they do not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Consumer, installPackage } from './consumer.ts';

let consumer: Consumer;

beforeAll(async () => {
  consumer = await installPackage();
  consumer.link('ws', '@types/ws', '@types/node', '@opentelemetry/api');
  consumer.write('package.json', '{ "private": true, "type": "module" }\n');
});

afterAll(() => consumer[Symbol.dispose]());

const server = `
  import { createServer } from 'node:http';
  import { attach, UserExecutionContext, WebSocketManagerRegistry } from 'leaktight';
  import { instrument } from 'leaktight/otel';
  import { WebSocketServer } from 'ws';

  await using registry = new WebSocketManagerRegistry({ maxManagersPerUser: 5 });
  using _metrics = instrument(registry);
  await using _attachment = attach(registry, {
    server: createServer(),
    webSocketServer: new WebSocketServer({ noServer: true }),
    authenticate: (request) => (request.headers.authorization ? { userId: 'ada' } : null),
    onConnection: ({ manager, socket }) => socket.on('message', (data) => manager.send(String(data))),
  });
  registry.on('limitReached', ({ userId, retryAfterMs }) => userId.slice(retryAfterMs));
  const context = UserExecutionContext.fromWebSocketRequest({ userId: 'ada' });
  await using manager = await registry.acquire(context);
  for (const [id, open] of manager.connections) {
    await using connection = open;
    id.slice(connection.lastSeenMs);
  }
`;

describe('a TypeScript project', () => {
  test.each([
    ['nodenext', ['--module', 'nodenext']],
    ['a bundler', ['--module', 'esnext', '--moduleResolution', 'bundler']],
  ])(
    'a TypeScript project compiles against the types with the resolution of %s, libraries checked too',
    async (_name, args) => {
      consumer.write('server.ts', server);

      const { code, stdout } = await consumer.tsc(...strict, ...args, 'server.ts');

      expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    },
  );

  test('a TypeScript project compiles a require from CommonJS', async () => {
    consumer.write(
      'server.cts',
      `
        import leaktight = require('leaktight');
        import { type RegistryStats, WebSocketManagerRegistry } from 'leaktight';
        const stats: RegistryStats = new WebSocketManagerRegistry().stats();
        export const managers: number = stats.managers + new leaktight.WebSocketManagerRegistry().size;
      `,
    );

    const { code, stdout } = await consumer.tsc(...strict, '--module', 'nodenext', 'server.cts');

    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  });
});

const strict = ['--strict', '--noEmit', '--skipLibCheck', 'false', '--target', 'es2023']
  .concat('--lib', 'es2023,esnext.disposable', '--types', 'node')
  .concat('--exactOptionalPropertyTypes', '--ignoreConfig');

const prelude = `
  import { attach, type IsolationKey, UserExecutionContext, WebSocketManagerRegistry } from 'leaktight';
  import { instrument } from 'leaktight/otel';
  declare const registry: WebSocketManagerRegistry;
  declare const key: IsolationKey;
  declare const options: Parameters<typeof attach>[1];
`.replaceAll('\n', ' ');

/** What must not compile, with the error that it must be: any other would be an accident. */
const mistakes = [
  [
    'an isolation key by hand',
    `const mine: IsolationKey = 'ada:thread';`,
    'TS2322',
    'IsolationKey',
  ],
  [
    'an isolation key put together',
    `const mine: IsolationKey = 'ada:' + key.slice(4);`,
    'TS2322',
    'IsolationKey',
  ],
  [
    'an isolation key from another',
    `const mine: IsolationKey = key.slice();`,
    'TS2322',
    'IsolationKey',
  ],
  [
    'a context as an object literal',
    `void registry.acquire({ userId: 'ada', threadId: 'thread', isolationKey: key });`,
    'TS2740',
    'UserExecutionContext',
  ],
  [
    'a copy of a context',
    `void registry.acquire({ ...UserExecutionContext.fromWebSocketRequest({ userId: 'ada' }) });`,
    'TS2740',
    'UserExecutionContext',
  ],
  ['a context by its constructor', 'new UserExecutionContext();', 'TS2673', 'private'],
  [
    'a context without a user',
    `UserExecutionContext.fromWebSocketRequest({ websocketClientId: 'one' });`,
    'TS2741',
    'userId',
  ],
  ['a context without a user', `registry.contextFor({ userId: null });`, 'TS2322', 'null'],
  [
    'a context of a user that may be absent',
    `registry.contextFor({ userId: process.env.USER });`,
    'TS2322',
    'undefined',
  ],
  ['an acquire by ids', `void registry.acquire('ada', 'thread');`, 'TS2554', '2'],
  ['a release by id', `void registry.release('ada:thread');`, 'TS2345', 'WebSocketManager'],
  [
    'an unknown option of the registry',
    'new WebSocketManagerRegistry({ maxManagers: 5, maxManagersPeruser: 5 });',
    'TS2561',
    'maxManagersPerUser',
  ],
  [
    'an unknown choice',
    `new WebSocketManagerRegistry({ onLimit: 'evict' });`,
    'TS2322',
    'replace-least-recent',
  ],
  [
    'an unknown option of attach',
    'attach(registry, { ...options, pathname: "/" });',
    'TS2353',
    'pathname',
  ],
  [
    'an attach without authentication',
    'attach(registry, { server: options.server, webSocketServer: options.webSocketServer });',
    'TS2741',
    'authenticate',
  ],
  [
    'an identity without a user',
    'attach(registry, { ...options, authenticate: () => ({}) });',
    'TS2322',
    'Identity',
  ],
  [
    'an unknown option of instrument',
    'instrument(registry, { metre: undefined });',
    'TS2561',
    'meter',
  ],
  ['an unknown event', `registry.on('managerLost', () => {});`, 'TS2345', 'never'],
  [
    'a field that an event does not have',
    `registry.on('limitReached', ({ removedManagers }) => removedManagers);`,
    'TS2339',
    'removedManagers',
  ],
  [
    'a change of an event',
    `registry.on('limitReached', (event) => { event.count = 0; });`,
    'TS2540',
    'count',
  ],
  [
    'a change of a context',
    `registry.contextFor({ userId: 'ada' }).userId = 'eve';`,
    'TS2540',
    'userId',
  ],
] as const;

describe('does not compile', () => {
  let errors: ReadonlyMap<string, readonly string[]>;

  beforeAll(async () => {
    const files = mistakes.map(([, mistake], number) =>
      consumer.write(`mistakes/${number}.ts`, `${prelude}\n${mistake}\nexport {};\n`),
    );
    const { stdout } = await consumer.tsc(...strict, '--module', 'nodenext', ...files);
    const found = new Map<string, string[]>();
    for (const line of stdout.split('\n').filter((line) => line.includes(': error '))) {
      const number = /(\d+)\.ts\(/.exec(line)?.[1] ?? line;
      found.set(number, [...(found.get(number) ?? []), line]);
    }
    errors = found;
  });

  test.each(mistakes.map((mistake, number) => [...mistake, String(number)] as const))(
    'the compiler refuses %s: %s',
    (_name, _mistake, code, word, number) => {
      const [error, ...others] = errors.get(number) ?? [];

      expect(error).toMatch(/\(2,\d+\): error /);
      expect(error).toContain(`error ${code}: `);
      expect(error).toContain(word);
      expect(others).toEqual([]);
    },
  );

  test('the planted type errors are the only ones', () => {
    expect([...errors.keys()].toSorted()).toEqual(
      mistakes.map((_, number) => String(number)).toSorted(),
    );
  });
});
