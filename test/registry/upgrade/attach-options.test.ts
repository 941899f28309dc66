import http from 'node:http';
import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { type AttachOptions, attach, WebSocketManagerRegistry } from '../../../src/index.ts';

function fitting(): AttachOptions {
  return {
    server: http.createServer(),
    webSocketServer: new WebSocketServer({ noServer: true }),
    authenticate: () => undefined,
  };
}

describe('options of attach', () => {
  test.each<[string, unknown, RegExp]>([
    ['server', undefined, /^server.on must be a function, got undefined$/],
    ['server', {}, /^server.on must be a function/],
    ['webSocketServer', undefined, /noServer: true/],
    ['webSocketServer', {}, /noServer: true/],
    ['webSocketServer', { options: { noServer: false } }, /noServer: true/],
    ['authenticate', undefined, /^authenticate must be a function, got undefined$/],
    ['checkOrigin', 'https://here', /^checkOrigin must be a function, got "https:\/\/here"$/],
    ['authorizeThread', true, /^authorizeThread must be a function, got true$/],
    ['onConnection', null, /^onConnection must be a function, got null$/],
    ['path', 'chat', /^path must be a function, or begin with \/ and have no query.*, got "chat"$/],
    ['path', '/chat?a', /^path must be a function, .* no query string, got "\/chat\?a"$/],
    ['path', Symbol('p'), /^path must be a function, .*, got a symbol$/],
    ['path', 7, /^path must be a function, .*, got 7$/],
    ['refuseWith', 'silence', /^refuseWith must be one of http, close, got "silence"$/],
    ['authenticationTimeoutMs', 0, /^authenticationTimeoutMs must be .* from 1 to/],
    ['headersTimeoutMs', -1, /^headersTimeoutMs must be .* from 0 to/],
    ['onConnections', '/', /^AttachOptions has no onConnections, did you mean onConnection\?$/],
  ])('attach refuses %s = %s, and leaves the server alone', (name, value, message) => {
    const options = fitting();

    const attempt = () =>
      attach(new WebSocketManagerRegistry(), { ...options, [name]: value } as AttachOptions);

    expect(attempt).toThrow(
      expect.objectContaining({
        code: 'ERR_LEAKTIGHT_INVALID_OPTION',
        option: name === 'server' ? 'server.on' : name,
        message: expect.stringMatching(message),
      }),
    );
    expect(options.server.listenerCount('upgrade')).toBe(0);
  });

  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [{}, 'an object'],
    [5, '5'],
  ])('attach refuses a registry that is %s', (registry, shown) => {
    expect(() => attach(registry as never, fitting())).toThrow(
      expect.objectContaining({
        option: 'registry',
        message: `registry must be a WebSocketManagerRegistry, got ${shown}`,
      }),
    );
  });

  test.each([undefined, '/chat', () => true])('attach takes the path %s', async (path) => {
    const options = fitting();

    const attachment = attach(new WebSocketManagerRegistry(), { ...options, path });
    expect(options.server.listenerCount('upgrade')).toBe(1);
    await attachment[Symbol.asyncDispose]();

    expect(options.server.listenerCount('upgrade')).toBe(0);
  });
});

describe('headersTimeoutMs', () => {
  test.each<[number | undefined, number, boolean]>([
    [undefined, 60_000, true],
    [undefined, 0, true],
    [10_000, 10_001, true],
    [10_000, 10_000, false],
    [10_000, 9_999, false],
    [0, 60_000, false],
    [0, 0, false],
  ])(
    'headersTimeoutMs %s beside the %i of the server is kept by attach: %s',
    async (own, ofServer, isOurs) => {
      const options = fitting();
      options.server.headersTimeout = ofServer;
      const before = options.server.listenerCount('connection');

      const attachment = attach(new WebSocketManagerRegistry(), {
        ...options,
        headersTimeoutMs: own,
      });
      expect(options.server.listenerCount('connection') - before).toBe(isOurs ? 1 : 0);
      await attachment.detach();

      expect(options.server.listenerCount('connection')).toBe(before);
    },
  );
});
