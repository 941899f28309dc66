/** What malicious clients send, and how the server must answer: with a status, a close code, or nothing. */

export interface AttackScript {
  /** The first bytes, from a user of this name. */
  readonly opening: (user: string) => string;
  /** What follows once the server has switched protocols. */
  readonly afterUpgrade?: () => Buffer;
  /** The attacker resets the connection itself, so many milliseconds after its attempt began. */
  readonly resetAfterMs?: number;
  /** The answers that are correct. */
  readonly answers: readonly string[];
}

export const attacks = {
  /** Half of a request, and then silence. */
  'unfinished-upgrade': { opening: (user) => request(user).slice(0, -2), answers: ['408'] },
  'not-http': { opening: () => '\x16\x03\x01 this is no request\r\n\r\n', answers: ['400'] },
  'reset-in-authentication': {
    opening: (user) => request(user),
    resetAfterMs: 25,
    answers: ['none'],
  },
  'no-token': { opening: () => request(undefined), answers: ['401'] },
  'bad-key': { opening: (user) => request(user, { key: 'short' }), answers: ['400'] },
  'old-version': { opening: (user) => request(user, { version: '7' }), answers: ['426'] },
  'over-long-id': {
    opening: (user) => request(user, { query: `websocketClientId=${'x'.repeat(4_000)}` }),
    answers: ['400'],
  },
  'placeholder-id': {
    opening: (user) => request(user, { query: 'websocketClientId=undefined' }),
    answers: ['400'],
  },
  /** Pongs, since ws itself ends a flood of pings. */
  'frame-flood': {
    opening: (user) => request(user),
    afterUpgrade: () => Buffer.concat(Array.from({ length: 2_000 }, () => frame(0x8a))),
    answers: ['1008'],
  },
  /** A header that announces 2 MiB. */
  'over-long-frame': {
    opening: (user) => request(user),
    afterUpgrade: () => Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0]),
    answers: ['1009'],
  },
  'unmasked-frame': {
    opening: (user) => request(user),
    afterUpgrade: () => Buffer.from([0x81, 0x02, 0x68, 0x69]),
    answers: ['1002'],
  },
  'reserved-opcode': {
    opening: (user) => request(user),
    afterUpgrade: () => frame(0x83),
    answers: ['1002'],
  },
  'bad-utf-8': {
    opening: (user) => request(user),
    afterUpgrade: () => frame(0x81, Buffer.from([0xc3, 0x28])),
    answers: ['1007'],
  },
  /** The first fragment of a message, and no answer to any ping: the heartbeat must find it. */
  'unfinished-message': {
    opening: (user) => request(user),
    afterUpgrade: () => frame(0x01, Buffer.from('once upon a')),
    // A cleanup finds it too, when the user has many such connections.
    answers: ['none', '4408'],
  },
} as const satisfies Record<string, AttackScript>;

export type AttackName = keyof typeof attacks;

interface RequestDetails {
  readonly key?: string;
  readonly version?: string;
  readonly query?: string;
}

function request(
  user: string | undefined,
  { key = 'AAECAwQFBgcICQoLDA0ODw==', version = '13', query = '' }: RequestDetails = {},
): string {
  return [
    `GET /chat?${query} HTTP/1.1`,
    'Host: server:8080',
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Key: ${key}`,
    `Sec-WebSocket-Version: ${version}`,
    ...(user === undefined ? [] : [`Authorization: Bearer ${user}`]),
    '',
    '',
  ].join('\r\n');
}

/** A short frame, masked with zeros, which leave it as it is (RFC 6455, section 5.2). */
function frame(firstByte: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  return Buffer.concat([Buffer.from([firstByte, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
}
