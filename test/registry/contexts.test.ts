import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  InvalidContextError,
  MAX_CONTEXT_DEPTH,
  MAX_ID_LENGTH,
  PLACEHOLDER_IDS,
  UserExecutionContext,
  WebSocketManagerRegistry,
} from '../../src/index.ts';
import { contextOf } from './support.ts';

const from = UserExecutionContext.fromWebSocketRequest;

describe('the thread id', () => {
  test('of a user and a client has a known answer', () => {
    expect(from({ userId: 'ada', websocketClientId: 'tab-1' }).threadId).toBe(
      'thread_websocket_session_3eba39ca6eb0deb90d47dd016f95ac57_49b25691bc776e1352659727cd52dc4e',
    );
  });

  test('is SHA-256 of the versioned array, in two halves', () => {
    const hex = createHash('sha256').update('["v1","ada","tab-1"]').digest('hex');

    expect(contextOf('ada', 'tab-1').threadId).toBe(
      `thread_websocket_session_${hex.slice(0, 32)}_${hex.slice(32)}`,
    );
  });

  test('is an HMAC with a secret, given as a string or as the same bytes', () => {
    const hex = createHmac('sha256', 's3cret').update('["v1","ada","tab-1"]').digest('hex');
    const request = { userId: 'ada', websocketClientId: 'tab-1' };

    const keyed = from({ ...request, identitySecret: 's3cret' });
    const keyedByBytes = from({ ...request, identitySecret: Buffer.from('s3cret') });

    expect(keyed.threadId).toBe(`thread_websocket_session_${hex.slice(0, 32)}_${hex.slice(32)}`);
    expect(keyedByBytes.threadId).toBe(keyed.threadId);
  });

  test('is the same for every component that asks', () => {
    const database = contextOf('ada', 'tab-1');
    const webSocket = contextOf('ada', 'tab-1');

    expect(database.threadId).toBe(webSocket.threadId);
    expect(database.isolationKey).toBe(webSocket.isolationKey);
    expect(database.requestId).not.toBe(webSocket.requestId);
    expect(database.runId).not.toBe(webSocket.runId);
  });

  test('of another user with the same client id is another one', () => {
    expect(contextOf('ada', 'tab-1').threadId).not.toBe(contextOf('bob', 'tab-1').threadId);
  });

  test('does not join user and client: (a, bc) is not (ab, c)', () => {
    expect(contextOf('a', 'bc').threadId).not.toBe(contextOf('ab', 'c').threadId);
  });

  test('that is claimed is kept as it is', () => {
    const context = from({ userId: 'ada', threadId: 'thread-7' });

    expect(context.threadId).toBe('thread-7');
    expect(context.isolationKey).toBe('ada:thread-7');
    expect(context.audit.how).toBe('claimed');
  });
});

describe('the client id', () => {
  test('is made when the client has none, a fresh one each time', () => {
    const first = from({ userId: 'ada' });
    const second = from({ userId: 'ada', websocketClientId: undefined });

    expect(first.websocketClientId).toMatch(/^[0-9a-f-]{36}$/);
    expect(first.websocketClientId).not.toBe(second.websocketClientId);
    expect(first.audit.clientId).toBe('made');
  });

  test('that was told to the client leads back to its thread', () => {
    const first = from({ userId: 'ada' });

    expect(contextOf('ada', first.websocketClientId).threadId).toBe(first.threadId);
  });
});

describe('a context', () => {
  test('is frozen all the way down', () => {
    const context = from({ userId: 'ada', request: { url: '/chat', socket: null } });

    expect(Object.isFrozen(context)).toBe(true);
    expect(Object.isFrozen(context.audit)).toBe(true);
    expect(() => Object.assign(context, { userId: 'bob' })).toThrow(TypeError);
  });

  test('without a user does not compile, and is refused', () => {
    // @ts-expect-error The user is what nobody may leave out.
    expect(() => from({ websocketClientId: 'tab-1' })).toThrow(
      expect.objectContaining({ field: 'userId' }),
    );
    expect(() => from(null as unknown as { userId: string })).toThrow(InvalidContextError);
  });

  test('cannot be made with its constructor, nor by copying one', () => {
    expect(() => Reflect.construct(UserExecutionContext, [Symbol('guess'), {}])).toThrow(
      InvalidContextError,
    );
    expect(UserExecutionContext.isContext({ ...contextOf('ada', 'tab-1') })).toBe(false);
    expect(UserExecutionContext.isContext(contextOf('ada', 'tab-1'))).toBe(true);
  });

  test('says when, how and from which request it came, without the query string', () => {
    const request = { url: '/chat?token=s3cret', socket: { remoteAddress: '10.0.0.1' } };

    const { audit } = from({ userId: 'ada', request });

    expect(audit).toEqual({
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      how: 'derived',
      source: 'websocket-request',
      clientId: 'made',
      remoteAddress: '10.0.0.1',
      path: '/chat',
    });
  });

  test('has children that keep the identity and have request ids of their own', () => {
    const parent = contextOf('ada', 'tab-1');

    const child = parent.child({ operation: 'load history' });

    expect(child).toMatchObject({
      userId: 'ada',
      threadId: parent.threadId,
      websocketClientId: 'tab-1',
      runId: parent.runId,
      isolationKey: parent.isolationKey,
      depth: 1,
      audit: { source: 'child', parentRequestId: parent.requestId, operation: 'load history' },
    });
    expect(child.requestId).not.toBe(parent.requestId);
  });

  test(`has descendants down to depth ${MAX_CONTEXT_DEPTH} and no further`, () => {
    let context = contextOf('ada', 'tab-1');
    for (let depth = 1; depth <= MAX_CONTEXT_DEPTH; depth += 1) context = context.child();

    expect(context.depth).toBe(MAX_CONTEXT_DEPTH);
    expect(() => context.child()).toThrow(expect.objectContaining({ field: 'depth' }));
  });
});

describe('an id', () => {
  const refused: readonly [string, unknown][] = [
    ['blank', ''],
    ['white space', '   '],
    ['white space at its end', 'ada '],
    ['over-long', 'a'.repeat(MAX_ID_LENGTH + 1)],
    ['a lone surrogate', 'a\ud800b'],
    ['a control character', 'a\u0000b'],
    ['a line break', 'ada\n'],
    ['a C1 control character', 'a\u0085b'],
    ['a line separator', 'a\u2028b'],
    ['a number', 7],
    ['null', null],
    ['an object', { toString: () => 'ada' }],
    ['a placeholder in capitals', 'NULL'],
    ...PLACEHOLDER_IDS.map((word): [string, unknown] => [`the placeholder ${word}`, word]),
  ];

  test.each(refused)('that is %s is refused, naming the field', (_what, value) => {
    const userId = value as string;

    expect(() => from({ userId })).toThrow(
      expect.objectContaining({
        name: 'InvalidContextError',
        code: 'ERR_LEAKTIGHT_INVALID_CONTEXT',
        field: 'userId',
      }),
    );
    if (value === undefined) return;
    const websocketClientId = value as string;
    expect(() => from({ userId: 'ada', websocketClientId })).toThrow(
      expect.objectContaining({ field: 'websocketClientId' }),
    );
    expect(() => from({ userId: 'ada', threadId: userId })).toThrow(
      expect.objectContaining({ field: 'threadId' }),
    );
  });

  test('of the greatest length, with colons, percent signs and emoji is fine', () => {
    for (const userId of ['a'.repeat(MAX_ID_LENGTH), 'a:b%3A', '😀'.repeat(128), 'ok null']) {
      expect(from({ userId }).userId).toBe(userId);
    }
  });

  test('is shown without a character that could break or steer a log line', () => {
    const id = 'a\u007f\u0085\u009b31m\u2028\u2029\u0000\n';

    expect(() => from({ userId: id })).toThrow(
      'got "a\\u007f\\u0085\\u009b31m\\u2028\\u2029\\u0000\\n"',
    );
  });

  test('is shown escaped and cut short in the message', () => {
    expect(() => from({ userId: `\n${'x'.repeat(5_000)}` })).toThrow(/^[^\n]{1,200}$/);
  });
});

describe('contextFor', () => {
  test('is the one source of truth with the secret of the registry filled in', () => {
    const registry = new WebSocketManagerRegistry({ identitySecret: 's3cret' });
    const request = { userId: 'ada', websocketClientId: 'tab-1' };

    expect(registry.contextFor(request).threadId).toBe(
      from({ ...request, identitySecret: 's3cret' }).threadId,
    );
  });

  test('a context derived with another secret is refused by acquire, a claimed one is not', async () => {
    await using registry = new WebSocketManagerRegistry({ identitySecret: 's3cret' });

    await expect(registry.acquire(contextOf('ada', 'tab-1'))).rejects.toThrow(InvalidContextError);
    await expect(registry.acquire(contextOf('ada', 'tab-1').child())).rejects.toThrow(
      InvalidContextError,
    );
    expect(registry.size).toBe(0);
    const claimed = await registry.acquire(from({ userId: 'ada', threadId: 'thread-7' }));
    expect(claimed.isolationKey).toBe('ada:thread-7');
  });

  test('a look-alike context is refused by acquire', async () => {
    await using registry = new WebSocketManagerRegistry();
    const copy = { ...contextOf('ada', 'tab-1') } as UserExecutionContext;

    await expect(registry.acquire(copy)).rejects.toThrow(
      expect.objectContaining({ field: 'context' }),
    );
  });
});
