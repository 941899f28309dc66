import { describe, expect, test, vi } from 'vitest';
import {
  InvalidOptionError,
  type RegistryOptions,
  WebSocketManagerRegistry,
} from '../../../src/index.ts';
import { resolveOptions } from '../../../src/options/resolve-options.ts';

describe('the options of a registry', () => {
  test('registry options have the defaults of the README', () => {
    expect(resolveOptions()).toEqual({
      maxManagersPerUser: 20,
      maxManagers: Infinity,
      maxConnectionsPerManager: Infinity,
      proactiveThreshold: 0.6,
      proactiveCooldownMs: 1_000,
      birthGraceMs: 10_000,
      reconnectGraceMs: 30_000,
      closeTimeoutMs: 5_000,
      probeTimeoutMs: 2_000,
      emergencyDeadlineMs: 10_000,
      emergencyCooldownMs: 5_000,
      onLimit: 'reject',
      duplicateConnection: 'replace',
      drainMs: 30_000,
      drainBatchSize: 100,
      drainBatchIntervalMs: 100,
      drainRetryMaxMs: 10_000,
      sweepIntervalMs: 30_000,
      heartbeatIntervalMs: 30_000,
      heartbeatTimeoutMs: 10_000,
      maxConnectionAgeMs: Infinity,
      maxSilenceMs: Infinity,
      outboxMaxMessages: 1_000,
      outboxMaxBytes: 1_048_576,
      outboxMaxAgeMs: 30_000,
      maxBufferedBytes: 4_194_304,
      slowReaderPolicy: 'close',
      maxPayloadBytes: 1_048_576,
      maxFramesPerSecond: 1_000,
      maxFrameBurst: 10_000,
      hasIdentitySecret: false,
      logger: undefined,
    });
  });

  test('registry options that are undefined mean the default', () => {
    expect(resolveOptions({ maxManagersPerUser: undefined, logger: undefined })).toEqual(
      resolveOptions(),
    );
  });

  test.each([
    ['test', 30_000],
    ['development', 60_000],
    ['production', 120_000],
    ['staging', 120_000],
    [undefined, 120_000],
  ])('the sweep interval follows NODE_ENV=%s', (environment, expected) => {
    vi.stubEnv('NODE_ENV', environment);

    expect(resolveOptions().sweepIntervalMs).toBe(expected);
    expect(resolveOptions({ sweepIntervalMs: 7 }).sweepIntervalMs).toBe(7);
    vi.unstubAllEnvs();
  });

  test('registry options that follow from others do so', () => {
    expect(resolveOptions({ maxBufferedBytes: 1_000 }).outboxMaxBytes).toBe(1_000);
    expect(resolveOptions({ reconnectGraceMs: 90_000 }).outboxMaxAgeMs).toBe(90_000);
    expect(resolveOptions({ maxFramesPerSecond: 5 }).maxFrameBurst).toBe(50);
  });

  test('resolved registry options are frozen and do not hold the secret', () => {
    const { options } = new WebSocketManagerRegistry({ identitySecret: 's3cret' });

    expect(Object.isFrozen(options)).toBe(true);
    expect(options.hasIdentitySecret).toBe(true);
    expect(JSON.stringify(options)).not.toContain('s3cret');
  });

  const wrong: readonly [string, unknown, RegExp][] = [
    ['maxManagersPerUser', 0, /maxManagersPerUser must be a positive integer or Infinity, got 0/],
    ['maxManagersPerUser', 1.5, /got 1.5/],
    ['maxManagersPerUser', '20', /got "20"/],
    ['maxManagersPerUser', null, /got null/],
    ['maxManagers', Number.NaN, /got NaN/],
    ['proactiveThreshold', 0, /proactiveThreshold must be a number above 0 and at most 1, got 0/],
    ['proactiveThreshold', 1.1, /got 1.1/],
    ['closeTimeoutMs', -1, /closeTimeoutMs must be a number of milliseconds from 0 to 2147483647/],
    ['reconnectGraceMs', Infinity, /got Infinity/],
    ['emergencyDeadlineMs', 0, /from 1 to/],
    ['sweepIntervalMs', 0, /from 1 to/],
    ['heartbeatTimeoutMs', 0, /from 1 to/],
    [
      'maxConnectionAgeMs',
      0,
      /maxConnectionAgeMs must be a number of milliseconds from 1 to Infinity/,
    ],
    ['outboxMaxMessages', -1, /outboxMaxMessages must be a positive integer/],
    ['maxBufferedBytes', 0, /maxBufferedBytes must be a positive integer/],
    ['slowReaderPolicy', 'wait', /must be one of close, drop/],
    ['onLimit', 'evict', /onLimit must be one of reject, replace-least-recent, got "evict"/],
    ['duplicateConnection', 'keep', /must be one of replace, refuse/],
    ['identitySecret', '', /identitySecret must not be empty/],
    ['identitySecret', 7, /identitySecret must be a string or a Uint8Array/],
    ['closeTimeoutMs', '5', /got "5"$/],
    ['closeTimeoutMs', 2 ** 31, /got 2147483648$/],
    ['closeTimeoutMs', {}, /got a value of type object$/],
    ['maxManagers', '5', /got "5"$/],
    ['maxManagers', () => 5, /got a value of type function$/],
    ['maxSilenceMs', '5', /got "5"$/],
    ['maxSilenceMs', 'x'.repeat(500), /got "x{80}"$/],
    ['proactiveThreshold', '0.5', /got "0.5"$/],
    ['maxFramesPerSecond', true, /got true$/],
    ['logger', {}, /logger.debug must be a function/],
    ['logger', null, /logger.debug must be a function/],
  ];

  test.each(wrong)('a registry refuses %s = %s with a clear message', (name, value, message) => {
    const options = { [name]: value } as RegistryOptions;

    expect(() => new WebSocketManagerRegistry(options)).toThrow(InvalidOptionError);
    expect(() => new WebSocketManagerRegistry(options)).toThrow(message);
  });

  test.each(
    Object.keys(resolveOptions()).filter((name) => !['hasIdentitySecret', 'logger'].includes(name)),
  )('a registry names the option %s when its value is wrong', (name) => {
    expect(() => resolveOptions({ [name]: Symbol('wish') })).toThrow(
      expect.objectContaining({
        option: name,
        message: expect.stringMatching(new RegExp(`^${name} must be .*, got Symbol\\(wish\\)$`)),
      }),
    );
  });

  test.each(['debug', 'info', 'warn', 'error'])(
    'a registry takes a logger with %s, or none',
    (method) => {
      const write = (): void => {};
      const logger = { debug: write, info: write, warn: write, error: write };

      expect(resolveOptions({ logger }).logger).toBe(logger);
      expect(() => resolveOptions({ logger: { ...logger, [method]: undefined } })).toThrow(
        expect.objectContaining({
          option: `logger.${method}`,
          message: `logger.${method} must be a function, got undefined`,
        }),
      );
    },
  );

  test('a misspelt registry option is refused with the nearest name', () => {
    const options = { maxManagerPerUser: 20 } as RegistryOptions;

    expect(() => resolveOptions(options)).toThrow(
      'RegistryOptions has no maxManagerPerUser, did you mean maxManagersPerUser?',
    );
  });

  test('an unknown registry option without a near name is refused without a suggestion', () => {
    const options = { zzz: 1 } as RegistryOptions;

    expect(() => resolveOptions(options)).toThrow(/^RegistryOptions has no zzz$/);
  });

  test.each([null, 'quick', 7])('registry options must be an object, not %s', (given) => {
    expect(() => resolveOptions(given as unknown as RegistryOptions)).toThrow(
      /^RegistryOptions must be an object, got /,
    );
  });

  test('a duration may be as long as a timer lasts', () => {
    expect(resolveOptions({ closeTimeoutMs: 2 ** 31 - 1 }).closeTimeoutMs).toBe(2 ** 31 - 1);
    expect(resolveOptions({ maxSilenceMs: 1 }).maxSilenceMs).toBe(1);
    expect(resolveOptions({ proactiveThreshold: 1 }).proactiveThreshold).toBe(1);
  });
});
