/**
 * Checks the options of a registry and fills in the defaults, in the one place that does. Nothing deeper
 * asks whether an option is there.
 */
import {
  checkChoice,
  checkCount,
  checkDuration,
  checkFunction,
  checkNames,
  checkPatience,
  checkSecret,
  checkShare,
  checkSize,
  defaulted,
} from './option-checks.ts';
import type { Logger, RegistryOptions, ResolvedRegistryOptions } from './options.ts';

const OPTION_NAMES: readonly (keyof RegistryOptions)[] = [
  'maxManagersPerUser',
  'maxManagers',
  'maxConnectionsPerManager',
  'proactiveThreshold',
  'proactiveCooldownMs',
  'birthGraceMs',
  'reconnectGraceMs',
  'closeTimeoutMs',
  'probeTimeoutMs',
  'emergencyDeadlineMs',
  'emergencyCooldownMs',
  'onLimit',
  'duplicateConnection',
  'drainMs',
  'drainBatchSize',
  'drainBatchIntervalMs',
  'drainRetryMaxMs',
  'sweepIntervalMs',
  'heartbeatIntervalMs',
  'heartbeatTimeoutMs',
  'maxConnectionAgeMs',
  'maxSilenceMs',
  'outboxMaxMessages',
  'outboxMaxBytes',
  'outboxMaxAgeMs',
  'maxBufferedBytes',
  'slowReaderPolicy',
  'maxPayloadBytes',
  'maxFramesPerSecond',
  'maxFrameBurst',
  'identitySecret',
  'logger',
];

const MEBIBYTE = 2 ** 20;

/** Where nobody waits long for a test to end, and where nobody looks. */
function sweepIntervalOf(environment: string | undefined): number {
  if (environment === 'test') return 30_000;
  return environment === 'development' ? 60_000 : 120_000;
}

/** @throws {InvalidOptionError} naming the option and showing the value, or the nearest known name. */
export function resolveOptions(options: RegistryOptions = {}): ResolvedRegistryOptions {
  checkNames('RegistryOptions', options, OPTION_NAMES);
  const count = (name: keyof RegistryOptions, fallback: number): number =>
    checkCount(name, defaulted<unknown>(options[name], fallback));
  const duration = (name: keyof RegistryOptions, fallback: number, leastMs?: number): number =>
    checkDuration(name, defaulted<unknown>(options[name], fallback), leastMs);
  const patience = (name: keyof RegistryOptions, fallback: number): number =>
    checkPatience(name, defaulted<unknown>(options[name], fallback));
  const size = (name: keyof RegistryOptions, fallback: number): number =>
    checkSize(name, defaulted<unknown>(options[name], fallback));
  const { identitySecret, logger } = options;
  if (identitySecret !== undefined) checkSecret('identitySecret', identitySecret);
  // The defaults of some follow from others.
  const birthGraceMs = duration('birthGraceMs', 10_000);
  const reconnectGraceMs = duration('reconnectGraceMs', 30_000);
  const maxBufferedBytes = count('maxBufferedBytes', 4 * MEBIBYTE);
  const maxFramesPerSecond = count('maxFramesPerSecond', 1_000);
  return Object.freeze({
    maxManagersPerUser: count('maxManagersPerUser', 20),
    maxManagers: count('maxManagers', Number.POSITIVE_INFINITY),
    maxConnectionsPerManager: count('maxConnectionsPerManager', Number.POSITIVE_INFINITY),
    proactiveThreshold: checkShare(
      'proactiveThreshold',
      defaulted(options.proactiveThreshold, 0.6),
    ),
    proactiveCooldownMs: duration('proactiveCooldownMs', 1_000),
    birthGraceMs,
    reconnectGraceMs,
    closeTimeoutMs: duration('closeTimeoutMs', 5_000),
    probeTimeoutMs: duration('probeTimeoutMs', 2_000, 1),
    emergencyDeadlineMs: duration('emergencyDeadlineMs', 10_000, 1),
    emergencyCooldownMs: duration('emergencyCooldownMs', 5_000),
    onLimit: checkChoice('onLimit', defaulted(options.onLimit, 'reject'), [
      'reject',
      'replace-least-recent',
    ]),
    duplicateConnection: checkChoice(
      'duplicateConnection',
      defaulted(options.duplicateConnection, 'replace'),
      ['replace', 'refuse'],
    ),
    drainMs: duration('drainMs', 30_000),
    drainBatchSize: count('drainBatchSize', 100),
    drainBatchIntervalMs: duration('drainBatchIntervalMs', 100, 1),
    drainRetryMaxMs: duration('drainRetryMaxMs', 10_000, 1),
    sweepIntervalMs: duration('sweepIntervalMs', sweepIntervalOf(process.env.NODE_ENV), 1),
    heartbeatIntervalMs: duration('heartbeatIntervalMs', 30_000),
    heartbeatTimeoutMs: duration('heartbeatTimeoutMs', 10_000, 1),
    maxConnectionAgeMs: patience('maxConnectionAgeMs', Number.POSITIVE_INFINITY),
    maxSilenceMs: patience('maxSilenceMs', Number.POSITIVE_INFINITY),
    outboxMaxMessages: size('outboxMaxMessages', 1_000),
    outboxMaxBytes: size('outboxMaxBytes', Math.min(MEBIBYTE, maxBufferedBytes)),
    outboxMaxAgeMs: patience('outboxMaxAgeMs', Math.max(birthGraceMs, reconnectGraceMs, 1)),
    maxBufferedBytes,
    slowReaderPolicy: checkChoice(
      'slowReaderPolicy',
      defaulted(options.slowReaderPolicy, 'close'),
      ['close', 'drop'],
    ),
    maxPayloadBytes: count('maxPayloadBytes', MEBIBYTE),
    maxFramesPerSecond,
    maxFrameBurst: count('maxFrameBurst', 10 * maxFramesPerSecond),
    hasIdentitySecret: identitySecret !== undefined,
    logger: logger === undefined ? undefined : checkLogger(logger),
  });
}

function checkLogger(logger: Logger): Logger {
  checkFunction('logger.debug', logger?.debug);
  checkFunction('logger.info', logger?.info);
  checkFunction('logger.warn', logger?.warn);
  checkFunction('logger.error', logger?.error);
  return logger;
}
