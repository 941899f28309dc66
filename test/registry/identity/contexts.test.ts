import { createHash, createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  InvalidContextError,
  MAX_CONTEXT_DEPTH,
  UserExecutionContext,
  WebSocketManagerRegistry,
} from '../../../src/index.ts';
import { contextOf } from '../support/bench.ts';

const from = UserExecutionContext.fromWebSocketRequest;

describe('thread ids', () => {
  test('the thread id of a user and a client has a known answer', () => {
    expect(from({ userId: 'ada', websocketClientId: 'tab-1' }).threadId).toBe(
      'thread_websocket_session_3eba39ca6eb0deb90d47dd016f95ac57_49b25691bc776e1352659727cd52dc4e',
    );
  });

  test('a thread id is the SHA-256 of the versioned array, in two halves', () => {
    const hex = createHash('sha256').update('["v1","ada","tab-1"]').digest('hex');

    expect(contextOf('ada', 'tab-1').threadId).toBe(
      `thread_websocket_session_${hex.slice(0, 32)}_${hex.slice(32)}`,
    );
  });

  test('a thread id is an HMAC when there is a secret, given as a string or as the same bytes', () => {
    const hex = createHmac('sha256', 's3cret').update('["v1","ada","tab-1"]').digest('hex');
    const request = { userId: 'ada', websocketClientId: 'tab-1' };

    const keyed = from({ ...request, identitySecret: 's3cret' });
    const keyedByBytes = from({ ...request, identitySecret: Buffer.from('s3cret') });

    expect(keyed.threadId).toBe(`thread_websocket_session_${hex.slice(0, 32)}_${hex.slice(32)}`);
    expect(keyedByBytes.threadId).toBe(keyed.threadId);
  });

  test('a thread id is the same for every component that derives it', () => {
    const database = contextOf('ada', 'tab-1');
    const webSocket = contextOf('ada', 'tab-1');

    expect(database.threadId).toBe(webSocket.threadId);
    expect(database.isolationKey).toBe(webSocket.isolationKey);
    expect(database.requestId).not.toBe(webSocket.requestId);
    expect(database.runId).not.toBe(webSocket.runId);
  });

  test('the same client id of another user gives another thread id', () => {
    expect(contextOf('ada', 'tab-1').threadId).not.toBe(contextOf('bob', 'tab-1').threadId);
  });

  test('a thread id does not join user and client: (a, bc) is not (ab, c)', () => {
    expect(contextOf('a', 'bc').threadId).not.toBe(contextOf('ab', 'c').threadId);
  });

  test('a claimed thread id is kept as it is', () => {
    const context = from({ userId: 'ada', threadId: 'thread-7' });

    expect(context.threadId).toBe('thread-7');
    expect(context.isolationKey).toBe('ada:thread-7');
    expect(context.audit.how).toBe('claimed');
  });
});

describe('client ids', () => {
  test('a client without an id gets a fresh one each time', () => {
    const first = from({ userId: 'ada' });
    const second = from({ userId: 'ada', websocketClientId: undefined });

    expect(first.websocketClientId).toMatch(/^[0-9a-f-]{36}$/);
    expect(first.websocketClientId).not.toBe(second.websocketClientId);
    expect(first.audit.clientId).toBe('made');
  });

  test('the client id that a client was told leads back to its thread', () => {
    const first = from({ userId: 'ada' });

    expect(contextOf('ada', first.websocketClientId).threadId).toBe(first.threadId);
  });
});

describe('contexts', () => {
  test('a context is frozen all the way down', () => {
    const context = from({ userId: 'ada', request: { url: '/chat', socket: null } });

    expect(Object.isFrozen(context)).toBe(true);
    expect(Object.isFrozen(context.audit)).toBe(true);
    expect(() => Object.assign(context, { userId: 'bob' })).toThrow(TypeError);
  });

  test('a context without a user does not compile, and is refused', () => {
    // @ts-expect-error The user may not be left out.
    expect(() => from({ websocketClientId: 'tab-1' })).toThrow(
      expect.objectContaining({ field: 'userId' }),
    );
    expect(() => from(null as unknown as { userId: string })).toThrow(InvalidContextError);
  });

  test('a context cannot be made with its constructor, nor by copying one', () => {
    expect(() => Reflect.construct(UserExecutionContext, [Symbol('guess'), {}])).toThrow(
      expect.objectContaining({
        name: 'InvalidContextError',
        field: 'context',
        message: expect.stringContaining('UserExecutionContext.fromWebSocketRequest'),
      }),
    );
    expect(UserExecutionContext.isContext({ ...contextOf('ada', 'tab-1') })).toBe(false);
    expect(UserExecutionContext.isContext(contextOf('ada', 'tab-1'))).toBe(true);
  });

  test('a context says when, how and from which request it came, without the query string', () => {
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

  test('a context has children that keep the identity and have request ids of their own', () => {
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

  test('a context has descendants down to the greatest depth and no further', () => {
    let context = contextOf('ada', 'tab-1');
    for (let depth = 1; depth <= MAX_CONTEXT_DEPTH; depth += 1) context = context.child();

    expect(context.depth).toBe(MAX_CONTEXT_DEPTH);
    expect(() => context.child()).toThrow(
      expect.objectContaining({ field: 'depth', message: 'depth must be at most 10, got 11' }),
    );
  });
});

describe('contextFor', () => {
  test('contextFor derives the same thread id with the secret of the registry filled in', () => {
    const registry = new WebSocketManagerRegistry({ identitySecret: 's3cret' });
    const request = { userId: 'ada', websocketClientId: 'tab-1' };

    expect(registry.contextFor(request).threadId).toBe(
      from({ ...request, identitySecret: 's3cret' }).threadId,
    );
  });
});
