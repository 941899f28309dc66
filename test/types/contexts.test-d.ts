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

describe('an isolation key', () => {
  test('reads as a string', () => {
    expectTypeOf<IsolationKey>().toExtend<string>();
    expectTypeOf<UserExecutionContext['isolationKey']>().toEqualTypeOf<IsolationKey>();
  });

  test('is not made by hand', () => {
    expectTypeOf<string>().not.toExtend<IsolationKey>();
    expectTypeOf<'ada:thread'>().not.toExtend<IsolationKey>();
    expectTypeOf<`${string}:${string}`>().not.toExtend<IsolationKey>();
  });

  test('is not made from another', () => {
    expectTypeOf<ReturnType<IsolationKey['slice']>>().not.toExtend<IsolationKey>();
  });
});

describe('a context', () => {
  test('comes from its class only', () => {
    expectTypeOf<LookAlike>().not.toExtend<UserExecutionContext>();
    expectTypeOf<{ userId: string; threadId: string }>().not.toExtend<UserExecutionContext>();
    expectTypeOf(
      UserExecutionContext.fromWebSocketRequest,
    ).returns.toEqualTypeOf<UserExecutionContext>();
    expectTypeOf<
      WebSocketManagerRegistry['contextFor']
    >().returns.toEqualTypeOf<UserExecutionContext>();
  });

  test('has a user', () => {
    expectTypeOf<object>().not.toExtend<WebSocketIdentity>();
    expectTypeOf<{ websocketClientId: string }>().not.toExtend<WebSocketRequestIdentity>();
    expectTypeOf<{ userId: undefined }>().not.toExtend<WebSocketRequestIdentity>();
    expectTypeOf<{ userId: string | null }>().not.toExtend<WebSocketRequestIdentity>();
    expectTypeOf<{ userId: string }>().toExtend<WebSocketRequestIdentity>();
  });
});

describe('a manager', () => {
  type Acquire = WebSocketManagerRegistry['acquire'];
  type Release = WebSocketManagerRegistry['release'];

  test('is acquired by a context and by nothing else', () => {
    expectTypeOf<[UserExecutionContext]>().toExtend<Parameters<Acquire>>();
    expectTypeOf<[LookAlike]>().not.toExtend<Parameters<Acquire>>();
    expectTypeOf<[string]>().not.toExtend<Parameters<Acquire>>();
    expectTypeOf<[]>().not.toExtend<Parameters<Acquire>>();
    expectTypeOf<Acquire>().returns.resolves.toEqualTypeOf<WebSocketManager>();
  });

  test('is released by its handle and not by an id', () => {
    expectTypeOf<[WebSocketManager]>().toExtend<Parameters<Release>>();
    expectTypeOf<[IsolationKey]>().not.toExtend<Parameters<Release>>();
    expectTypeOf<[string]>().not.toExtend<Parameters<Release>>();
  });
});
