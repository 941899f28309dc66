/**
 * Checks of single options, shared by all that have options. Each gives the value back or
 * throws an `InvalidOptionError` that names the option and shows what was given.
 */
import { InvalidOptionError } from '../errors.ts';
import type { IdentitySecret } from '../identity/ids.ts';

/** Longest delay that Node's timers keep; a longer one would fire at once. */
export const TIMER_MS_MAX = 2 ** 31 - 1;

function refuse(name: string, rule: string, value: unknown): never {
  // Never the value of a secret or of an object: only what kind of thing it is.
  const shown =
    typeof value === 'string'
      ? JSON.stringify(value.slice(0, 80))
      : (typeof value === 'object' && value !== null) || typeof value === 'function'
        ? `a value of type ${typeof value}`
        : String(value);
  throw new InvalidOptionError(name, `${name} must be ${rule}, got ${shown}`);
}

/** Not `??`: a null is a mistake to be named, not a wish for the default. */
export function defaulted<T>(value: T | undefined, fallback: T): T {
  return value === undefined ? fallback : value;
}

export function checkObject(what: string, given: unknown): asserts given is object {
  if (typeof given !== 'object' || given === null) refuse(what, 'an object', given);
}

/** Refuses names that do not exist, with the nearest that does. */
export function checkNames(what: string, given: unknown, known: readonly string[]): void {
  checkObject(what, given);
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const nearest = nearestName(name, known);
    const hint = nearest === undefined ? '' : `, did you mean ${nearest}?`;
    throw new InvalidOptionError(name, `${what} has no ${name}${hint}`);
  }
}

export function checkDuration(name: string, value: unknown, leastMs = 0): number {
  const inRange = typeof value === 'number' && value >= leastMs && value <= TIMER_MS_MAX;
  if (!inRange) refuse(name, `a number of milliseconds from ${leastMs} to ${TIMER_MS_MAX}`, value);
  return value;
}

export function checkCount(name: string, value: unknown): number {
  const positive = typeof value === 'number' && value >= 1;
  if (!positive || !(Number.isSafeInteger(value) || value === Number.POSITIVE_INFINITY)) {
    refuse(name, 'a positive integer or Infinity', value);
  }
  return value;
}

/** A duration that no timer has to keep, so that it may be for ever. */
export function checkPatience(name: string, value: unknown): number {
  if (!(typeof value === 'number' && value >= 1)) {
    refuse(name, 'a number of milliseconds from 1 to Infinity', value);
  }
  return value;
}

export function checkSize(name: string, value: unknown): number {
  return value === 0 ? value : checkCount(name, value);
}

export function checkShare(name: string, value: unknown): number {
  if (!(typeof value === 'number' && value > 0 && value <= 1)) {
    refuse(name, 'a number above 0 and at most 1', value);
  }
  return value;
}

export function checkChoice<T extends string>(
  name: string,
  value: unknown,
  choices: readonly T[],
): T {
  const found = choices.find((choice) => choice === value);
  if (found === undefined) refuse(name, `one of ${choices.join(', ')}`, value);
  return found;
}

export function checkSecret(name: string, value: unknown): IdentitySecret {
  if (typeof value === 'string' || value instanceof Uint8Array) {
    if (value.length > 0) return value;
    throw new InvalidOptionError(name, `${name} must not be empty`);
  }
  return refuse(name, 'a string or a Uint8Array', value);
}

/** What the registry needs of a logger. A pino logger fits as it is. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export function checkLogger(name: string, value: unknown): Logger {
  // Only that its methods are callable can be checked.
  const logger: Logger = Object(value);
  checkFunction(`${name}.debug`, logger.debug);
  checkFunction(`${name}.info`, logger.info);
  checkFunction(`${name}.warn`, logger.warn);
  checkFunction(`${name}.error`, logger.error);
  return logger;
}

// The type says what the caller knows of its own option; only that it is callable can be checked.
export function checkFunction<T>(name: string, value: T): T {
  if (typeof value !== 'function') refuse(name, 'a function', value);
  return value;
}

/** A close code that an endpoint may send (RFC 6455, 7.4). */
export function checkCloseCode(code: number): number {
  // First, since some values cannot even be compared.
  const isInteger = Number.isInteger(code);
  const standard =
    isInteger && code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
  const application = isInteger && code >= 3000 && code <= 4999;
  if (!(standard || application)) {
    refuse('code', 'a close code that may be sent (1000 to 1014, 3000 to 4999)', code);
  }
  return code;
}

/** A control frame carries at most 125 bytes, two of them the code (RFC 6455, 5.5). */
const CLOSE_REASON_BYTES_MAX = 123;

export function checkCloseText(text: string): string {
  if (typeof text !== 'string' || Buffer.byteLength(text) > CLOSE_REASON_BYTES_MAX) {
    refuse('reason', `a string of at most ${CLOSE_REASON_BYTES_MAX} bytes`, text);
  }
  return text;
}

/** The known name with the fewest edits, when it is near enough to be meant. */
function nearestName(name: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let fewest = Math.max(2, Math.ceil(name.length / 2));
  for (const candidate of known) {
    const edits = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (edits < fewest) {
      nearest = candidate;
      fewest = edits;
    }
  }
  return nearest;
}

function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const substitution = from[row - 1] === to[column - 1] ? 0 : 1;
      current[column] = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + substitution,
      );
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
