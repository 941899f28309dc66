import { describe, expectTypeOf, test } from 'vitest';
import {
  type Attachment,
  type AttachOptions,
  attach,
  type UserExecutionContext,
  type WebSocketConnection,
  type WebSocketManager,
  WebSocketManagerRegistry,
} from '../../src/index.ts';
import { instrument } from '../../src/telemetry/otel.ts';

declare const context: UserExecutionContext;
declare const options: AttachOptions;
declare const socket: Parameters<WebSocketManager['connect']>[0];

describe('disposal', () => {
  test('a registry, an attachment, a manager and a connection are disposed of by await using', async () => {
    await using registry = new WebSocketManagerRegistry();
    await using attachment = attach(registry, options);
    await using manager = await registry.acquire(context);
    await using connection = manager.connect(socket);

    expectTypeOf(registry).toExtend<AsyncDisposable>();
    expectTypeOf(attachment).toEqualTypeOf<Attachment>();
    expectTypeOf(attachment).toExtend<AsyncDisposable>();
    expectTypeOf(manager).toExtend<AsyncDisposable>();
    expectTypeOf(connection).toEqualTypeOf<WebSocketConnection>();
    expectTypeOf(connection).toExtend<AsyncDisposable>();
  });

  test('an instrumentation is disposed of by using', () => {
    using metrics = instrument(new WebSocketManagerRegistry());

    expectTypeOf(metrics).toEqualTypeOf<Disposable>();
  });
});
