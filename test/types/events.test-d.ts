import { describe, expectTypeOf, test } from 'vitest';
import {
  type CleanupKind,
  type CleanupOutcome,
  type CleanupReport,
  type CloseReason,
  type LimitReachedEvent,
  type RegistryEvents,
  type WebSocketConnection,
  type WebSocketManager,
  WebSocketManagerRegistry,
} from '../../src/index.ts';

declare const registry: WebSocketManagerRegistry;

describe('listeners', () => {
  test('a listener gets the payload of its event', () => {
    registry.on('managerCreated', (event) => {
      expectTypeOf(event.manager).toEqualTypeOf<WebSocketManager>();
      expectTypeOf(event.userId).toEqualTypeOf<string>();
    });
    registry.once('managerRemoved', ({ reason, ageMs }) => {
      expectTypeOf(reason).toEqualTypeOf<CloseReason>();
      expectTypeOf(ageMs).toEqualTypeOf<number>();
    });
    registry.on('connectionClosed', ({ connection, code }) => {
      expectTypeOf(connection).toEqualTypeOf<WebSocketConnection>();
      expectTypeOf(code).toEqualTypeOf<number>();
    });
    registry.on('cleanupFinished', (report) => {
      expectTypeOf(report).toEqualTypeOf<CleanupReport>();
      expectTypeOf(report.kind).toEqualTypeOf<CleanupKind>();
      expectTypeOf(report.outcome).toEqualTypeOf<CleanupOutcome>();
    });
    registry.on('limitReached', (event) => {
      expectTypeOf(event).toEqualTypeOf<LimitReachedEvent>();
      expectTypeOf(event.scope).toEqualTypeOf<'user' | 'total'>();
    });
    registry.on('hookError', ({ error }) => expectTypeOf(error).toEqualTypeOf<unknown>());
  });

  test('a listener is registered for an existing event only', () => {
    expectTypeOf<'managerLost'>().not.toExtend<keyof RegistryEvents>();
    expectTypeOf<'error'>().not.toExtend<keyof RegistryEvents>();
  });
});

test('a registry needs no options', () => {
  expectTypeOf(WebSocketManagerRegistry).toBeConstructibleWith();
});
