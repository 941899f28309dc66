/** What is said about the parts of a context that will not do, and what its audit has and has not. */
import { Socket } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import {
  type AuditableRequest,
  UserExecutionContext,
  type WebSocketRequestIdentity,
} from '../../../src/index.ts';
import { contextOf } from '../support/bench.ts';

const from = UserExecutionContext.fromWebSocketRequest;

const auditOf = (request: AuditableRequest) => from({ userId: 'ada', request }).audit;

describe('refused contexts', () => {
  test.each<[string, unknown, string, string]>([
    ['its argument is null', null, 'request', 'request must be an object, got null'],
    ['its argument is a string', 'ada', 'request', 'request must be an object, got "ada"'],
    [
      'the request is a number',
      { userId: 'ada', request: 7 },
      'request',
      'request must be an object, got 7',
    ],
    [
      'the URL is a number',
      { userId: 'ada', request: { url: 7 } },
      'request',
      'url of the request must be a string, got 7',
    ],
    [
      'the address is a number',
      { userId: 'ada', request: { socket: { remoteAddress: 7 } } },
      'request',
      'socket.remoteAddress of the request must be a string, got 7',
    ],
  ])('a context is refused with the reason when %s', (_what, identity, field, message) => {
    expect(() => from(identity as WebSocketRequestIdentity)).toThrow(
      expect.objectContaining({ code: 'ERR_LEAKTIGHT_INVALID_CONTEXT', field, message }),
    );
  });

  test.each([
    ['', 'identitySecret must not be empty'],
    [7, 'identitySecret must be a string or a Uint8Array, got 7'],
  ])('a context is refused when the secret is %j', (identitySecret, message) => {
    const identity = { userId: 'ada', identitySecret } as WebSocketRequestIdentity;

    expect(() => from(identity)).toThrow(
      expect.objectContaining({
        code: 'ERR_LEAKTIGHT_INVALID_OPTION',
        option: 'identitySecret',
        message,
      }),
    );
  });

  test.each([[null], [undefined], ['ada'], [{}]])('%j is no context', (value) => {
    expect(UserExecutionContext.isContext(value)).toBe(false);
  });

  test('a child context is refused when its operation is blank', () => {
    const context = contextOf('ada', 'tab-1');
    expect(() => context.child({ operation: ' ' })).toThrow(
      expect.objectContaining({ field: 'operation', message: expect.stringContaining('blank') }),
    );
  });
});

describe('audits of contexts', () => {
  test('the audit of a context has what is known and nothing else', () => {
    expect(Object.keys(from({ userId: 'ada' }).audit)).toEqual([
      'createdAt',
      'how',
      'source',
      'clientId',
    ]);
    const child = contextOf('ada', 'tab-1').child({ operation: 'load' });
    expect(Object.keys(child.audit).slice(4)).toEqual(['operation', 'parentRequestId']);
    expect(Object.keys(child.child().audit).slice(4)).toEqual(['operation', 'parentRequestId']);
  });

  test('the audit of a context says whether the client named itself', () => {
    expect(from({ userId: 'ada' }).audit.clientId).toBe('made');
    expect(contextOf('ada', 'tab-1').audit.clientId).toBe('given');
  });

  test.each([
    ['/chat', '/chat'],
    ['/chat?', '/chat'],
    ['/chat?a=1?b', '/chat'],
    ['/?token=s3cret', '/'],
    ['?token=s3cret', ''],
    ['', ''],
  ])('the audit of a context has of the URL %s the path %s', (url, path) => {
    expect(auditOf({ url })).toMatchObject({ path });
  });

  test('the audit of a context asks a Node socket for its address when it is read, and once', () => {
    const socket = new Socket();
    const asked = vi.fn(() => '10.0.0.1');
    Object.defineProperty(socket, 'remoteAddress', { get: asked });

    const context = from({ userId: 'ada', request: { socket } });
    expect(asked).not.toHaveBeenCalled();

    expect(context.audit.remoteAddress).toBe('10.0.0.1');
    expect(context.audit.remoteAddress).toBe('10.0.0.1');
    expect(asked).toHaveBeenCalledOnce();
  });

  test('the audit of a context has no address when the socket has none or was collected', () => {
    const request = { socket: new Socket() };
    expect(Object.keys(auditOf(request))).not.toContain('remoteAddress');

    const deref = vi.spyOn(WeakRef.prototype, 'deref').mockReturnValue(undefined);
    expect(Object.keys(auditOf(request))).not.toContain('remoteAddress');
    deref.mockRestore();
  });
});
