/** The properties of ids from any source. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  InvalidContextError,
  UserExecutionContext,
  type WebSocketIdentity,
  WebSocketManagerRegistry,
} from '../../src/index.ts';
import { assertBatches, batchProperty, inputsPerRun, type Trial } from '../runner/batch.ts';
import { timeoutMsFor } from '../runner/property.ts';
import { breaksLines, hostileId, isUsableId, noString } from './ids.ts';

const secret = 'a secret';
const fields = ['userId', 'websocketClientId', 'threadId'] as const;

type Field = (typeof fields)[number];

/** Two that ask the same question, and two that ask it with a key. */
const registries = {
  one: new WebSocketManagerRegistry(),
  other: new WebSocketManagerRegistry({ maxManagersPerUser: 1 }),
  keyed: new WebSocketManagerRegistry({ identitySecret: secret }),
};

const everyAsker: readonly ((identity: WebSocketIdentity) => UserExecutionContext)[] = [
  (identity) => registries.one.contextFor(identity),
  (identity) => registries.other.contextFor(identity),
  (identity) => UserExecutionContext.fromWebSocketRequest(identity),
];

const ids = batchProperty({
  title: 'an id is refused by the name of its field, or kept as it is',
  input: fc.record({
    field: fc.constantFrom(...fields),
    id: fc.oneof({ weight: 20, arbitrary: hostileId }, { weight: 1, arbitrary: noString }),
  }),
  inputsPerRun: inputsPerRun.ids,
  attempt: (inputs: readonly { readonly field: Field; readonly id: unknown }[]) =>
    firstFault(inputs, ({ field, id }) => {
      const identity = { userId: 'ada', websocketClientId: 'tab', [field]: id };
      for (const ask of everyAsker) {
        const fault = faultOfAnswer(() => ask(identity as WebSocketIdentity), field, id);
        if (fault !== undefined) return fault;
      }
      return undefined;
    }),
});

test(ids.title, { timeout: timeoutMsFor() }, () => assertBatches(ids));

const identities = batchProperty({
  title: 'identity is derived alike everywhere, and two identities never share a key',
  input: fc.record({ userId: hostileId, websocketClientId: hostileId, threadId: hostileId }),
  inputsPerRun: inputsPerRun.identities,
  attempt: (inputs: readonly Readonly<Record<Field, string>>[]) => {
    const owners = new Map<string, string>();
    return firstFault(inputs, (input) => faultOfIdentity(input, owners));
  },
});

test(identities.title, { timeout: timeoutMsFor() }, () => assertBatches(identities));

test('a hundred runs are 100,000 inputs or more, 20,000 upgrades and 20,000 sequences of frames among them', () => {
  const each = Object.values(inputsPerRun).map((count) => count * 100);

  expect(each.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(100_000);
  expect(Math.min(...each)).toBeGreaterThanOrEqual(20_000);
});

function firstFault<Input>(
  inputs: readonly Input[],
  faultOf: (input: Input) => string | undefined,
): Trial {
  let judged = 0;
  for (const input of inputs) {
    const fault = faultOf(input);
    judged += 1;
    if (fault !== undefined) return { judged, fault };
  }
  return { judged, fault: undefined };
}

function faultOfAnswer(
  ask: () => UserExecutionContext,
  field: Field,
  id: unknown,
): string | undefined {
  try {
    const context = ask();
    if (!isUsableId(id)) return `it was taken as ${field}`;
    return context[field] === id ? undefined : `it became ${JSON.stringify(context[field])}`;
  } catch (error) {
    if (!(error instanceof InvalidContextError)) return `it threw ${String(error)}`;
    if (isUsableId(id)) return `it was refused: ${error.message}`;
    if (error.field !== field) return `it was refused as ${error.field}`;
    return Array.from(error.message).some(breaksLines)
      ? 'its refusal breaks a log line'
      : undefined;
  }
}

/** @param owners Which identity has which key, of those that were seen in the same batch. */
function faultOfIdentity(
  { userId, websocketClientId, threadId }: Readonly<Record<Field, string>>,
  owners: Map<string, string>,
): string | undefined {
  if (!isUsableId(userId)) return undefined;
  const contexts: UserExecutionContext[] = [];
  if (isUsableId(websocketClientId)) {
    const identity = { userId, websocketClientId };
    const plain = everyAsker.map((ask) => ask(identity));
    const keyed = [
      registries.keyed.contextFor(identity),
      UserExecutionContext.fromWebSocketRequest({ ...identity, identitySecret: secret }),
    ];
    if (new Set(plain.map((context) => context.threadId)).size !== 1) return 'thread ids differ';
    if (new Set(keyed.map((context) => context.threadId)).size !== 1) return 'keyed ids differ';
    contexts.push(...plain, ...keyed, ...plain.map((context) => context.child()));
    if (
      contexts.some((context) => !/^thread_websocket_session_\w{32}_\w{32}$/.test(context.threadId))
    )
      return 'a derived thread id has another form';
  }
  if (isUsableId(threadId)) {
    contexts.push(...everyAsker.map((ask) => ask({ userId, threadId })));
  }
  return contexts
    .map((context) => faultOfKey(context, owners))
    .find((fault) => fault !== undefined);
}

/** A key that can be taken apart again into its user and thread is shared with no other. */
function faultOfKey(
  { userId, threadId, isolationKey }: UserExecutionContext,
  owners: Map<string, string>,
): string | undefined {
  const owner = JSON.stringify([userId, threadId]);
  const sharer = owners.get(isolationKey) ?? owner;
  owners.set(isolationKey, owner);
  if (sharer !== owner) return `${owner} has the key of ${sharer}`;
  const parts = isolationKey
    .split(':')
    .map((part) => part.replace(/%3A/g, ':').replace(/%25/g, '%'));
  return JSON.stringify(parts) === owner ? undefined : `${owner} has the key ${isolationKey}`;
}
