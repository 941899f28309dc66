/** The properties of identity (G1) and isolation keys (G2): both are functions, and nothing is remembered. */
import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import type { Library } from '../../sim/systems/registry/library.ts';
import type { IsolationKey } from '../../src/index.ts';
import { assertEqual } from '../fixture/assert-equal.ts';
import type { Property } from '../runner/property.ts';

/** Characters that separate and escape the parts of a key, what they are escaped to, and others of every plane. */
const idUnit = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('a', 'b', ':', '%', '%3A', '%25', '/', '"', '\\', '[', ','),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
);

/**
 * Usable ids of any Unicode: the two ends are letters, and control characters are left out, since what ids are refused is
 * another claim. Short, so that different pairs of ids often read alike when they are joined.
 */
const id = fc
  .array(idUnit, { maxLength: 4 })
  .map((units) => `u${units.join('').replace(/[\p{Cc}\u2028\u2029]/gu, '_')}z`);

/** One in three is one of two, so that users share clients and clients share users. */
const userId = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom('ada', 'a:b') },
  { weight: 2, arbitrary: id },
);
const clientId = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom('tab', 'b:c') },
  { weight: 2, arbitrary: id },
);

const secret = fc.option(
  fc.oneof(
    fc.string({ minLength: 1, maxLength: 8 }),
    fc.uint8Array({ minLength: 1, maxLength: 8 }),
  ),
  { nil: undefined },
);

const identity = fc.record({ userId, clientId, secret }, { noNullPrototype: true });

interface Asked {
  readonly userId: string;
  readonly clientId: string;
  readonly secret: string | Uint8Array | undefined;
}

export const identityProperty: Property = {
  title: 'a thread id is a function of user, client and secret alone',
  runs: 300,
  over: ({ library }) =>
    fc.asyncProperty(fc.array(identity, { minLength: 1, maxLength: 6 }), async (asked) => {
      // Forwards and backwards: code that remembers something answers differently.
      for (const one of [...asked, ...asked.toReversed()]) {
        const expected = threadIdOf(one);
        for (const threadId of answersOf(library, one)) {
          assertEqual(`the thread id of ${JSON.stringify(one)}`, threadId, expected);
        }
      }
      const threads = new Map(asked.map((one) => [threadIdOf(one), questionOf(one)]));
      assertEqual('different thread ids', threads.size, new Set(asked.map(questionOf)).size);
    }),
};

/** The answers of the class, a registry, another registry and a child. */
function answersOf(library: Library, { userId, clientId, secret }: Asked): readonly string[] {
  const { UserExecutionContext, WebSocketManagerRegistry } = library;
  const websocketClientId = clientId;
  const registries = [3, 20].map(
    (maxManagersPerUser) =>
      new WebSocketManagerRegistry({
        maxManagersPerUser,
        ...(secret === undefined ? {} : { identitySecret: secret }),
      }),
  );
  const contexts = [
    UserExecutionContext.fromWebSocketRequest({
      userId,
      websocketClientId,
      identitySecret: secret,
    }),
    ...registries.map((registry) => registry.contextFor({ userId, websocketClientId })),
  ];
  return [...contexts, ...contexts.map((context) => context.child())].map(
    ({ threadId }) => threadId,
  );
}

/** As G1 has it, word for word. */
function threadIdOf({ userId, clientId, secret }: Asked): string {
  const text = JSON.stringify(['v1', userId, clientId]);
  const hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  const hex = hash.update(text).digest('hex');
  return `thread_websocket_session_${hex.slice(0, 32)}_${hex.slice(32)}`;
}

function questionOf({ userId, clientId, secret }: Asked): string {
  const key = secret === undefined ? null : Buffer.from(secret).toString('hex');
  return JSON.stringify([userId, clientId, key]);
}

const owner = fc.record({ userId, threadId: clientId }, { noNullPrototype: true });

export const keysProperty: Property = {
  title: 'an isolation key parses back to its user and thread, and no two pairs share one',
  runs: 500,
  over: ({ library }) =>
    fc.asyncProperty(owner, owner, async (one, other) => {
      const [key, otherKey] = [one, other].map((who) => keyOf(library, who));
      if (key === undefined || otherKey === undefined) throw new Error('there is no key');
      assertEqual(`what ${key} stands for`, JSON.stringify(parse(key)), JSON.stringify(one));
      assertEqual(`the key of what ${key} stands for`, keyOf(library, parse(key)), key);
      const isSame = one.userId === other.userId && one.threadId === other.threadId;
      assertEqual(`whether ${key} is ${otherKey}`, key === otherKey, isSame);
    }),
};

interface Owner {
  readonly userId: string;
  readonly threadId: string;
}

function keyOf(library: Library, owner: Owner): IsolationKey {
  return library.UserExecutionContext.fromWebSocketRequest(owner).isolationKey;
}

/** Reads a key as its documentation has it: two parts, in which `:` and `%` are escaped. */
function parse(key: string): Owner {
  const [userId = '', threadId = '', ...more] = key.split(':');
  if (more.length > 0) throw new Error(`${key} has more than two parts`);
  return { userId: unescapePart(userId), threadId: unescapePart(threadId) };
}

function unescapePart(part: string): string {
  return part.replaceAll(/%(3A|25)?/g, (_, code?: string) => {
    if (code === undefined) throw new Error(`${part} has a % that stands for nothing`);
    return code === '25' ? '%' : ':';
  });
}
