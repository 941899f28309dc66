import { describe, expectTypeOf, test } from 'vitest';
import {
  type IsolationKey,
  UserExecutionContext,
  type WebSocketIdentity,
  type WebSocketManager,
  type WebSocketManagerRegistry,
  type WebSocketRequestIdentity,
} from '../../src/index.ts';

/** A context as far as its public fields go. */
type LookAlike = { readonly [K in keyof UserExecutionContext]: UserExecutionContext[K] };

describe('isolation keys', () => {
  test('an isolation key is a string', () => {
    expectTypeOf<IsolationKey>().toExtend<string>();
    expectTypeOf<UserExecutionContext['isolationKey']>().toEqualTypeOf<IsolationKey>();
  });

  test('a plain string is no isolation key', () => {
    expectTypeOf<string>().not.toExtend<IsolationKey>();
    expectTypeOf<'ada:thread'>().not.toExtend<IsolationKey>();
    expectTypeOf<`${string}:${string}`>().not.toExtend<IsolationKey>();
  });

  test('a part of an isolation key is no isolation key', () => {
    expectTypeOf<ReturnType<IsolationKey['slice']>>().not.toExtend<IsolationKey>();
  });
});

describe('contexts', () => {
  test('a context comes from its class only', () => {
    expectTypeOf<LookAlike>().not.toExtend<UserExecutionContext>();
    expectTypeOf<{ userId: string; threadId: string }>().not.toExtend<UserExecutionContext>();
    expectTypeOf(
      UserExecutionContext.fromWebSocketRequest,
    ).returns.toEqualTypeOf<UserExecutionContext>();
    expectTypeOf<
      WebSocketManagerRegistry['contextFor']
    >().returns.toEqualTypeOf<UserExecutionContext>();
  });

  test('an identity must have a user', () => {
    expectTypeOf<object>().not.toExtend<WebSocketIdentity>();
    expectTypeOf<{ websocketClientId: string }>().not.toExtend<WebSocketRequestIdentity>();
    expectTypeOf<{ userId: undefined }>().not.toExtend<WebSocketRequestIdentity>();
    expectTypeOf<{ userId: string | null }>().not.toExtend<WebSocketRequestIdentity>();
    expectTypeOf<{ userId: string }>().toExtend<WebSocketRequestIdentity>();
  });
});

describe('managers', () => {
  type Acquire = WebSocketManagerRegistry['acquire'];
  type Release = WebSocketManagerRegistry['release'];

  test('a manager is acquired by a context and by nothing else', () => {
    expectTypeOf<[UserExecutionContext]>().toExtend<Parameters<Acquire>>();
    expectTypeOf<[LookAlike]>().not.toExtend<Parameters<Acquire>>();
    expectTypeOf<[string]>().not.toExtend<Parameters<Acquire>>();
    expectTypeOf<[]>().not.toExtend<Parameters<Acquire>>();
    expectTypeOf<Acquire>().returns.resolves.toEqualTypeOf<WebSocketManager>();
  });

  test('a manager is released by its handle and not by an id', () => {
    expectTypeOf<[WebSocketManager]>().toExtend<Parameters<Release>>();
    expectTypeOf<[IsolationKey]>().not.toExtend<Parameters<Release>>();
    expectTypeOf<[string]>().not.toExtend<Parameters<Release>>();
  });
});
