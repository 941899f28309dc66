/**
 * The options of a registry: what each means, its default, and the one place that checks them.
 * Nothing deeper asks whether an option is there.
 */
import type { IdentitySecret } from './ids.ts';
import {
  checkChoice,
  checkCount,
  checkDuration,
  checkFunction,
  checkNames,
  checkSecret,
  checkShare,
  defaulted,
} from './option-checks.ts';

/** What the registry needs of a logger. A pino logger fits as it is. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Every option may be left out; an explicit `undefined` means the default too. */
export interface RegistryOptions {
  /**
   * Managers that one user may hold at a time, those that are closing included.
   *
   * @default 20
   */
  readonly maxManagersPerUser?: number | undefined;
  /**
   * Managers of all users together. At this limit an acquire of a new key is refused at once: there
   * is no cleanup across users, so that one user's trouble stays his own.
   *
   * @default Infinity
   */
  readonly maxManagers?: number | undefined;
  /**
   * Open connections of one manager. A connection that is being closed no longer counts.
   *
   * @default Infinity
   */
  readonly maxConnectionsPerManager?: number | undefined;
  /**
   * Share of `maxManagersPerUser`, rounded up, from which on an acquire of a new key starts a
   * proactive cleanup: 12 of 20.
   *
   * @default 0.6
   */
  readonly proactiveThreshold?: number | undefined;
  /**
   * Milliseconds after the end of any cleanup of a user in which no proactive one starts.
   *
   * @default 1_000
   */
  readonly proactiveCooldownMs?: number | undefined;
  /**
   * Milliseconds for which a new manager is safe from proactive cleanup, and an empty one that was
   * just acquired from every cleanup: its connection is on the way.
   *
   * @default 10_000
   */
  readonly birthGraceMs?: number | undefined;
  /**
   * Milliseconds without a connection after which a manager is removed. One that never had a
   * connection goes after this or `birthGraceMs`, whichever is longer. 0 removes at once.
   *
   * @default 30_000
   */
  readonly reconnectGraceMs?: number | undefined;
  /**
   * Milliseconds that a peer has to answer a closing handshake. Then its socket is terminated. 0
   * terminates at once, without a close frame.
   *
   * @default 5_000
   */
  readonly closeTimeoutMs?: number | undefined;
  /**
   * Milliseconds that a peer has to show life in a cleanup. Any frame or byte from it counts.
   *
   * @default 2_000
   */
  readonly probeTimeoutMs?: number | undefined;
  /**
   * Milliseconds within which an emergency cleanup ends, whatever the peers do. Longer probes and
   * handshakes are cut to fit.
   *
   * @default 10_000
   */
  readonly emergencyDeadlineMs?: number | undefined;
  /**
   * Milliseconds after an emergency cleanup in which the user's peers are not asked again.
   *
   * @default 5_000
   */
  readonly emergencyCooldownMs?: number | undefined;
  /**
   * What an acquire does when no room can be made: fail, or evict the manager of the same user whose
   * last activity is the longest ago, exactly one.
   *
   * @default 'reject'
   */
  readonly onLimit?: 'reject' | 'replace-least-recent' | undefined;
  /**
   * What a second connection with a connection id in use does: closes the first with code 4409, or is
   * refused.
   *
   * @default 'replace'
   */
  readonly duplicateConnection?: 'replace' | 'refuse' | undefined;
  /**
   * Milliseconds within which a shutdown settles when the call does not say.
   *
   * @default 30_000
   */
  readonly drainMs?: number | undefined;
  /**
   * Key of derived thread ids (HMAC-SHA-256 instead of SHA-256), the same on every server that a
   * client may reach. Not readable from the registry afterwards.
   *
   * @default undefined
   */
  readonly identitySecret?: IdentitySecret | undefined;
  /**
   * Takes a line for each creation, cleanup, limit and violation. A throw in it is reported as
   * `hookError`.
   *
   * @default undefined
   */
  readonly logger?: Logger | undefined;
}

/** All options, present and checked. The secret is left out: whoever logs this must not log it. */
export interface ResolvedRegistryOptions {
  readonly maxManagersPerUser: number;
  readonly maxManagers: number;
  readonly maxConnectionsPerManager: number;
  readonly proactiveThreshold: number;
  readonly proactiveCooldownMs: number;
  readonly birthGraceMs: number;
  readonly reconnectGraceMs: number;
  readonly closeTimeoutMs: number;
  readonly probeTimeoutMs: number;
  readonly emergencyDeadlineMs: number;
  readonly emergencyCooldownMs: number;
  readonly onLimit: 'reject' | 'replace-least-recent';
  readonly duplicateConnection: 'replace' | 'refuse';
  readonly drainMs: number;
  readonly hasIdentitySecret: boolean;
  readonly logger: Logger | undefined;
}

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
  'identitySecret',
  'logger',
];

/** @throws {InvalidOptionError} naming the option and showing the value, or the nearest known name. */
export function resolveOptions(options: RegistryOptions = {}): ResolvedRegistryOptions {
  checkNames('RegistryOptions', options, OPTION_NAMES);
  const count = (name: keyof RegistryOptions, fallback: number): number =>
    checkCount(name, defaulted<unknown>(options[name], fallback));
  const duration = (name: keyof RegistryOptions, fallback: number, leastMs?: number): number =>
    checkDuration(name, defaulted<unknown>(options[name], fallback), leastMs);
  const { identitySecret, logger } = options;
  if (identitySecret !== undefined) checkSecret('identitySecret', identitySecret);
  return Object.freeze({
    maxManagersPerUser: count('maxManagersPerUser', 20),
    maxManagers: count('maxManagers', Number.POSITIVE_INFINITY),
    maxConnectionsPerManager: count('maxConnectionsPerManager', Number.POSITIVE_INFINITY),
    proactiveThreshold: checkShare(
      'proactiveThreshold',
      defaulted(options.proactiveThreshold, 0.6),
    ),
    proactiveCooldownMs: duration('proactiveCooldownMs', 1_000),
    birthGraceMs: duration('birthGraceMs', 10_000),
    reconnectGraceMs: duration('reconnectGraceMs', 30_000),
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
