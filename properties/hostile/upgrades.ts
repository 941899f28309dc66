/**
 * Upgrade requests that a client may send. Each is a genuine one and what is done to it, so that a counterexample shrinks
 * towards the genuine one and says which change matters.
 */
import fc from 'fast-check';
import { evilOrigin, forbiddenThread, oddTokens, slowOrigin } from './hooks.ts';
import { hostileId, percentEncode } from './ids.ts';

export type Mutation =
  | { readonly kind: 'method' | 'target' | 'protocol'; readonly to: string }
  | { readonly kind: 'drop'; readonly name: string }
  | { readonly kind: 'set' | 'add'; readonly name: string; readonly value: string }
  | { readonly kind: 'splice'; readonly at: number; readonly drop: number; readonly insert: string }
  | { readonly kind: 'body'; readonly text: string };

export interface HostileUpgrade {
  /** The user that the client claims to be, not encoded; a word of `oddTokens` has its own effect. */
  readonly token: string | null;
  readonly clientId: string | null;
  readonly threadId: string | null;
  readonly origin: string | null;
  readonly mutations: readonly Mutation[];
  /** Bytes after which nothing more is sent. */
  readonly cutAt: number | null;
  readonly talks: boolean;
  readonly leaving: 'wait' | 'end' | 'reset';
  readonly afterMs: number;
}

export const genuineUpgrade: HostileUpgrade = {
  token: 'ada',
  clientId: null,
  threadId: null,
  origin: null,
  mutations: [],
  cutAt: null,
  talks: false,
  leaving: 'wait',
  afterMs: 0,
};

const upgradeKey = 'dGhlIHNhbXBsZSBub25jZQ==';

export function openingOf(upgrade: HostileUpgrade): string {
  const { token, clientId, threadId, origin, mutations, cutAt } = upgrade;
  const query = Object.entries({ websocketClientId: clientId, threadId })
    .flatMap(([name, id]) => (id === null ? [] : [`${name}=${percentEncode(id)}`]))
    .join('&');
  const line = { method: 'GET', target: query === '' ? '/' : `/?${query}`, protocol: 'HTTP/1.1' };
  let headers: [string, string][] = [
    ['Host', 'server'],
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['Sec-WebSocket-Key', upgradeKey],
    ['Sec-WebSocket-Version', '13'],
    ...(token === null ? [] : [['Authorization', `Bearer ${percentEncode(token)}`] as const]),
    ...(origin === null ? [] : [['Origin', origin] as const]),
  ].map(([name = '', value = '']) => [name, value]);
  let body = '';
  for (const mutation of mutations) {
    switch (mutation.kind) {
      case 'method':
      case 'target':
      case 'protocol':
        line[mutation.kind] = mutation.to;
        break;
      case 'drop':
        headers = headers.filter(([name]) => name !== mutation.name);
        break;
      case 'set':
        headers = headers.map(([name, value]) => [
          name,
          name === mutation.name ? mutation.value : value,
        ]);
        break;
      case 'add':
        headers.push([mutation.name, mutation.value]);
        break;
      case 'body':
        body += mutation.text;
        break;
      case 'splice':
        break;
    }
  }
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const whole = `${line.method} ${line.target} ${line.protocol}\r\n${lines}\r\n${body}`;
  return mutations.reduce(splice, whole).slice(0, cutAt ?? Number.POSITIVE_INFINITY);
}

function splice(text: string, mutation: Mutation): string {
  if (mutation.kind !== 'splice') return text;
  const at = mutation.at % (text.length + 1);
  return text.slice(0, at) + mutation.insert + text.slice(at + mutation.drop);
}

const latin1 = fc.nat(0xff).map((code) => String.fromCharCode(code));
const junk = fc.string({ unit: latin1, maxLength: 12 });

const method = fc.oneof(
  fc.constantFrom('POST', 'HEAD', 'OPTIONS', 'CONNECT', 'get', 'GETT', 'PRI', 'M-SEARCH', ''),
  junk,
);

const protocol = fc.constantFrom('HTTP/1.0', 'HTTP/2.0', 'HTTP/0.9', 'HTTP/1.2', 'HTP/1.1', '');

/** Odd percent-encodings, ids that come twice, and what is no path. */
const target = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        ...['%', '%%', '%zz', '%00', '%0d%0a', '%FF', '%C0%AF', '%ED%A0%80', '%u0041', '+', '&'],
        ...[
          'websocketClientId=',
          'threadId=',
          'threadId',
          '?',
          '#',
          ';',
          '=',
          'a',
          '..',
          '//',
          '\xe9',
        ],
      ),
      { maxLength: 8 },
    )
    .map((parts) => `/?${parts.join('')}`),
  fc.constantFrom('*', 'server:80', 'http://evil.example/', '//evil.example/', '', '/\x00', '?a'),
  fc.constantFrom(8_000, 17_000).map((length) => `/${'a'.repeat(length)}`),
  junk.map((text) => `/${text}`),
);

const name = fc.constantFrom(
  ...['Host', 'Connection', 'Upgrade', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version', 'Origin'],
  ...['Authorization', 'Sec-WebSocket-Extensions', 'Sec-WebSocket-Protocol', 'Content-Length'],
  ...['Transfer-Encoding', 'Expect', 'Cookie', 'Sec-WebSocket-Origin', 'X', '__proto__', ''],
);

const value = fc.oneof(
  fc.constantFrom(
    ...['', ' ', 'close', 'keep-alive', 'Upgrade', 'keep-alive, Upgrade', 'websocket', 'WebSocket'],
    ...['h2c', 'websocket, h2c', '8', '7', '14', '013', '13, 13', '-1', '13.0', upgradeKey],
    ...['AAAA', `${upgradeKey}=`, upgradeKey.slice(1), 'dGhlIHNhbXBsZSBub25jZQ', '='.repeat(24)],
    ...[
      'permessage-deflate',
      'permessage-deflate; client_max_window_bits=99',
      'foo; ;',
      ',',
      'chat',
    ],
    ...['chunked', 'gzip, chunked', '0', '4', '99', '1e3', '100-continue', 'magic', evilOrigin],
    ...['Bearer', 'Bearer  ada', 'Bearer %', 'Basic YTpi', 'Bearer ada, Bearer bob', 'Bearer \xff'],
  ),
  junk,
  fc.constantFrom(7_000, 17_000).map((length) => 'a'.repeat(length)),
);

const body = fc.constantFrom(
  ...['body', '4\r\nbody\r\n0\r\n\r\n', 'zz\r\n', '\r\n', 'GET / HTTP/1.1\r\nHost: server\r\n\r\n'],
  ...['\x81\x82\x00\x00\x00\x00hi', '\x88\x80\x00\x00\x00\x00', '\xff\xff\xff'],
);

const insert = fc.oneof(
  junk,
  fc.constantFrom('\r\n', '\n', '\r', '\r\n\r\n', '\x00', ':', ' ', '\t', '\r\n folded: yes'),
);

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.record({ kind: fc.constant('method' as const), to: method }),
  fc.record({ kind: fc.constant('target' as const), to: target }),
  fc.record({ kind: fc.constant('protocol' as const), to: protocol }),
  fc.record({ kind: fc.constant('drop' as const), name }),
  fc.record({ kind: fc.constant('set' as const), name, value }),
  fc.record({ kind: fc.constant('add' as const), name, value }),
  fc.record({ kind: fc.constant('body' as const), text: body }),
  fc.record({
    kind: fc.constant('splice' as const),
    at: fc.nat(400),
    drop: fc.nat(3),
    insert,
  }),
);

const orNull = <T>(of: fc.Arbitrary<T>, freq: number) => fc.option(of, { nil: null, freq });

/** Few enough that some users reach their limit, and enough that most do not. */
const user = fc.nat(40).map((number) => `user-${number}`);

const token = fc.oneof(
  { weight: 12, arbitrary: user },
  { weight: 3, arbitrary: fc.constantFrom(...oddTokens.keys()) },
  { weight: 3, arbitrary: hostileId },
);

const id = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom('tab-1', 'tab-2') },
  { weight: 2, arbitrary: hostileId },
);

export const hostileUpgrade: fc.Arbitrary<HostileUpgrade> = fc.record({
  token: orNull(token, 20),
  clientId: orNull(id, 2),
  threadId: orNull(
    fc.oneof({ weight: 6, arbitrary: id }, { weight: 1, arbitrary: fc.constant(forbiddenThread) }),
    1,
  ),
  origin: orNull(fc.constantFrom('http://server', evilOrigin, slowOrigin), 1),
  mutations: fc.oneof(
    { weight: 1, arbitrary: fc.constant([]) },
    { weight: 2, arbitrary: fc.array(mutation, { maxLength: 3 }) },
  ),
  cutAt: orNull(fc.nat(400), 1),
  talks: fc.boolean(),
  leaving: fc.constantFrom('wait' as const, 'end' as const, 'reset' as const),
  afterMs: fc.constantFrom(0, 1, 5, 15, 30, 400),
});
