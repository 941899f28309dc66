import type { Server } from 'node:http';
import { describe, expectTypeOf, test } from 'vitest';
import type { WebSocketServer } from 'ws';
import type { AttachOptions, Identity, RegistryOptions } from '../../src/index.ts';
import type { InstrumentOptions } from '../../src/telemetry/otel.ts';

/** Keys that an object literal may have. */
type Named<T> = keyof T;

describe('options', () => {
  test('an unknown option does not compile', () => {
    expectTypeOf<'maxManagersPeruser'>().not.toExtend<Named<RegistryOptions>>();
    expectTypeOf<'pathname'>().not.toExtend<Named<AttachOptions>>();
    expectTypeOf<Named<InstrumentOptions>>().toEqualTypeOf<'meter' | 'meterProvider'>();
    // No index signature: a type that takes any name takes every mistake.
    expectTypeOf<string>().not.toExtend<Named<RegistryOptions>>();
    expectTypeOf<string>().not.toExtend<Named<AttachOptions>>();
  });

  test('an option of the registry may be left out or undefined', () => {
    expectTypeOf<object>().toExtend<RegistryOptions>();
    expectTypeOf<{ maxManagersPerUser: undefined }>().toExtend<RegistryOptions>();
    expectTypeOf<{ maxManagersPerUser: null }>().not.toExtend<RegistryOptions>();
    expectTypeOf<{ maxManagersPerUser: '20' }>().not.toExtend<RegistryOptions>();
  });

  test('an option with choices has no other value', () => {
    expectTypeOf<NonNullable<RegistryOptions['onLimit']>>().toEqualTypeOf<
      'reject' | 'replace-least-recent'
    >();
    expectTypeOf<NonNullable<AttachOptions['refuseWith']>>().toEqualTypeOf<'http' | 'close'>();
  });
});

describe('attach options', () => {
  test('attach needs a server, a WebSocketServer and an authentication', () => {
    type Least = Pick<AttachOptions, 'server' | 'webSocketServer' | 'authenticate'>;
    expectTypeOf<Least>().toExtend<AttachOptions>();
    expectTypeOf<Omit<Least, 'server'>>().not.toExtend<AttachOptions>();
    expectTypeOf<Omit<Least, 'webSocketServer'>>().not.toExtend<AttachOptions>();
    expectTypeOf<Omit<Least, 'authenticate'>>().not.toExtend<AttachOptions>();
    expectTypeOf<AttachOptions['server']>().toEqualTypeOf<Server>();
    expectTypeOf<AttachOptions['webSocketServer']>().toEqualTypeOf<WebSocketServer>();
  });

  test('authenticate returns an identity or none, now or later', () => {
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
