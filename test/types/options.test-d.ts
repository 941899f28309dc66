import type { Server } from 'node:http';
import { describe, expectTypeOf, test } from 'vitest';
import type { WebSocketServer } from 'ws';
import type { AttachOptions, Identity, RegistryOptions } from '../../src/index.ts';
import type { InstrumentOptions } from '../../src/telemetry/otel.ts';

/** Keys that an object literal may have. */
type Named<T> = keyof T;

describe('an option', () => {
  test('that does not exist is not taken', () => {
    expectTypeOf<'maxManagersPeruser'>().not.toExtend<Named<RegistryOptions>>();
    expectTypeOf<'pathname'>().not.toExtend<Named<AttachOptions>>();
    expectTypeOf<Named<InstrumentOptions>>().toEqualTypeOf<'meter' | 'meterProvider'>();
    // No index signature: a type that takes any name takes every mistake.
    expectTypeOf<string>().not.toExtend<Named<RegistryOptions>>();
    expectTypeOf<string>().not.toExtend<Named<AttachOptions>>();
  });

  test('of the registry may always be left out, and may be undefined', () => {
    expectTypeOf<object>().toExtend<RegistryOptions>();
    expectTypeOf<{ maxManagersPerUser: undefined }>().toExtend<RegistryOptions>();
    expectTypeOf<{ maxManagersPerUser: null }>().not.toExtend<RegistryOptions>();
    expectTypeOf<{ maxManagersPerUser: '20' }>().not.toExtend<RegistryOptions>();
  });

  test('is one of the choices', () => {
    expectTypeOf<NonNullable<RegistryOptions['onLimit']>>().toEqualTypeOf<
      'reject' | 'replace-least-recent'
    >();
    expectTypeOf<NonNullable<AttachOptions['refuseWith']>>().toEqualTypeOf<'http' | 'close'>();
  });
});

describe('a door', () => {
  test('needs a server, a WebSocketServer and an authentication', () => {
    type Least = Pick<AttachOptions, 'server' | 'webSocketServer' | 'authenticate'>;
    expectTypeOf<Least>().toExtend<AttachOptions>();
    expectTypeOf<Omit<Least, 'server'>>().not.toExtend<AttachOptions>();
    expectTypeOf<Omit<Least, 'webSocketServer'>>().not.toExtend<AttachOptions>();
    expectTypeOf<Omit<Least, 'authenticate'>>().not.toExtend<AttachOptions>();
    expectTypeOf<AttachOptions['server']>().toEqualTypeOf<Server>();
    expectTypeOf<AttachOptions['webSocketServer']>().toEqualTypeOf<WebSocketServer>();
  });

  test('is told a user, now or later, or nobody', () => {
    type Answer = ReturnType<AttachOptions['authenticate']>;
    expectTypeOf<{ userId: string }>().toExtend<Answer>();
    expectTypeOf<Promise<{ userId: string } | null>>().toExtend<Answer>();
    expectTypeOf<null | false | undefined>().toExtend<Answer>();
    expectTypeOf<true>().not.toExtend<Answer>();
    expectTypeOf<string>().not.toExtend<Answer>();
    expectTypeOf<object>().not.toExtend<Identity>();
    expectTypeOf<{ userId: string | undefined }>().not.toExtend<Identity>();
  });
});
