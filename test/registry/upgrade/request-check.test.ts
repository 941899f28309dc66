import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  InvalidContextError,
  ManagerClosedError,
  ManagerLimitError,
  RegistryClosedError,
} from '../../../src/errors.ts';
import { Refusal, refusalBytes, refusalFor } from '../../../src/upgrade/refusal.ts';
import {
  findUpgradeFault,
  originOf,
  pathOf,
  queriedId,
} from '../../../src/upgrade/upgrade-checks.ts';
import { upgradeHeaders as headers, request } from '../support/wire.ts';

beforeEach(() => void vi.useFakeTimers());

afterEach(() => void vi.useRealTimers());

describe('upgrade requests', () => {
  test.each(['13', '8'])('an upgrade request of version %s is in order', (version) => {
    const own = { ...headers, 'sec-websocket-version': version };
    expect(findUpgradeFault(request({ headers: own }))).toBeUndefined();
  });

  test.each([
    [{ method: 'POST' }, 400, 'The method of an upgrade must be GET'],
    [{ headers: { ...headers, upgrade: 'h2c' } }, 400, 'The Upgrade header must be websocket'],
    [{ headers: { ...headers, upgrade: undefined } }, 400, 'The Upgrade header must be websocket'],
    ...[undefined, '', 'short==', `x${headers['sec-websocket-key']}`, `${'A'.repeat(22)}==x`].map(
      (key): [object, number, string] => [
        { headers: { ...headers, 'sec-websocket-key': key } },
        400,
        'The Sec-WebSocket-Key header is missing or invalid',
      ],
    ),
  ])('an upgrade request with %j is refused with %i %s', (fields, status, reason) => {
    expect(findUpgradeFault(request(fields))).toEqual(new Refusal(status, reason));
  });

  test('an upgrade request of another version is told which is supported', () => {
    const own = { ...headers, 'sec-websocket-version': '7' };
    expect(findUpgradeFault(request({ headers: own }))).toEqual(
      new Refusal(426, 'The Sec-WebSocket-Version must be 13', { 'Sec-WebSocket-Version': '13' }),
    );
  });

  test('an upgrade request states its origin in the header of its version', () => {
    const stated = { origin: 'https://new', 'sec-websocket-origin': 'https://old' };
    expect(originOf(request({ headers: { ...headers, ...stated } }))).toBe('https://new');
    const old = { ...headers, ...stated, 'sec-websocket-version': '8' };
    expect(originOf(request({ headers: old }))).toBe('https://old');
    const twice = { ...old, 'sec-websocket-origin': ['https://one', 'https://two'] };
    expect(originOf(request({ headers: twice }))).toBe('https://one');
  });

  test('the path of an upgrade request has no query', () => {
    expect(pathOf(request({ url: '/chat?token=1' }))).toBe('/chat');
    expect(pathOf(request({ url: '/chat' }))).toBe('/chat');
    expect(pathOf(request({ url: undefined }))).toBe('');
  });

  test.each([
    [undefined, undefined],
    ['/', undefined],
    ['/?', undefined],
    ['/threadId', undefined],
    ['/a&threadId=t-1', undefined],
    ['/?other=1', undefined],
    ['/?threadId=t-1', 't-1'],
    ['/?a=%31&threadId=t-1&threadId=t-2', 't-1'],
    ['/?thread%49d=t%2D1', 't-1'],
    ['/?threadId=%EF%BF%BD', '\uFFFD'],
    ['/?x=%ff&threadId=%EF%BF%BD', '\uFFFD'],
    ['/?threadId=50%25%EF%BF%BD', '50%\uFFFD'],
    ['/?threadId=50%zz%EF%BF%BD', '50%zz\uFFFD'],
    ['/?threadId=50%2z%EF%BF%BD', '50%2z\uFFFD'],
  ])('the upgrade request to %s names the thread %s', (url, expected) => {
    expect(queriedId(request({ url }), 'threadId')).toBe(expected);
  });

  test.each(['/?threadId=%ff', '/?a=1&threadId=x%c3', '/?thread%49d=%fe', '/?threadId=%c3%%a9'])(
    'the upgrade request to %s is refused: its id is ill-formed UTF-8',
    (url) => {
      expect(() => queriedId(request({ url }), 'threadId')).toThrow(
        expect.objectContaining({
          field: 'threadId',
          message: 'threadId must be well-formed UTF-8',
        }),
      );
    },
  );
});

describe('refusals', () => {
  const limit = { userId: 'ada', count: 1, limit: 1, removed: 0, retryAfterMs: 4_001 };
  const goingAway = new Refusal(503, 'The server is going away', { 'Retry-After': '5' });

  test.each([
    [new Refusal(418, 'Tea'), new Refusal(418, 'Tea')],
    [new InvalidContextError('userId', 'whatever'), new Refusal(400, 'Invalid userId')],
    [
      new ManagerLimitError('user', limit),
      new Refusal(429, 'Too many connections', { 'Retry-After': '5' }),
    ],
    [
      new ManagerLimitError('total', { ...limit, retryAfterMs: 0 }),
      new Refusal(503, 'Too many connections', { 'Retry-After': '1' }),
    ],
    [new RegistryClosedError(), goingAway],
    [new ManagerClosedError('closing'), goingAway],
    [new Error('boom'), undefined],
  ])('the refusal for %s is %j', (cause, expected) => {
    expect(refusalFor(cause)).toEqual(expected);
  });

  test('a refusal is a whole HTTP response, byte for byte', () => {
    expect(refusalBytes(new Refusal(429, 'Zu viele', { 'Retry-After': '5', 'X-A': 'b' }))).toBe(
      'HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\n' +
        'Content-Type: text/plain; charset=utf-8\r\nContent-Length: 9\r\n' +
        'Retry-After: 5\r\nX-A: b\r\n\r\nZu viele\n',
    );
    expect(refusalBytes(new Refusal(499, 'é'))).toMatch(
      /^HTTP\/1.1 499 Refused\r\n.*Content-Length: 3\r\n\r\né\n$/s,
    );
  });
});
