/** Bugs of identity and isolation keys that a property catches. */
import type { PropertyBug } from '../bug.ts';

const keyNamesItsOwner =
  'an isolation key parses back to its user and thread, and no two pairs share one';
const threadIdIsAFunction = 'a thread id is a function of user, client and secret alone';

const threadRemembered: PropertyBug = {
  name: 'thread-remembered',
  description:
    'thread ids are cached by client id, so every later user of a client id gets the thread of the first',
  guarantees: ['G1'],
  caughtBy: { property: threadIdIsAFunction },
  patches: [
    {
      file: 'identity/ids.ts',
      find: '  threadIdFor(userId: string, websocketClientId: string): string {',
      replace: `  threadIdFor(userId: string, websocketClientId: string): string {
    const known = remembered.get(websocketClientId) ?? this.#derive(userId, websocketClientId);
    remembered.set(websocketClientId, known);
    return known;
  }

  #derive(userId: string, websocketClientId: string): string {`,
    },
    {
      file: 'identity/ids.ts',
      find: 'export class ThreadIdentity {',
      replace: `const remembered = new Map<string, string>();

export class ThreadIdentity {`,
    },
  ],
};

const secretForgotten: PropertyBug = {
  name: 'secret-forgotten',
  description: 'the secret is checked, and not used to derive',
  guarantees: ['G1'],
  caughtBy: { property: threadIdIsAFunction },
  patches: [
    {
      file: 'identity/ids.ts',
      find: ": createHmac('sha256', this.#secret).update(identity).digest('hex');",
      replace: ": hash('sha256', identity, 'hex');",
    },
  ],
};

const idsJoined: PropertyBug = {
  name: 'ids-joined',
  description: 'user and client are joined with a colon before they are hashed',
  guarantees: ['G1'],
  caughtBy: { property: threadIdIsAFunction },
  patches: [
    {
      file: 'identity/ids.ts',
      find: "const identity = JSON.stringify(['v1', userId, websocketClientId]);",
      replace: "const identity = ['v1', userId, websocketClientId].join(':');",
    },
  ],
};

const percentUnescaped: PropertyBug = {
  name: 'percent-unescaped',
  description: 'the separator of a key is escaped, and the escape character is not',
  guarantees: ['G2'],
  caughtBy: { property: keyNamesItsOwner },
  patches: [
    {
      file: 'identity/isolation-key.ts',
      find: "return id.replaceAll('%', '%25').replaceAll(':', '%3A');",
      replace: "return id.replaceAll(':', '%3A');",
    },
  ],
};

export const identityBugs: readonly PropertyBug[] = [
  threadRemembered,
  secretForgotten,
  idsJoined,
  percentUnescaped,
];
