/**
 * What an id may look like, and how a thread id follows from a user and a client. Pure: there is no
 * table of ids, so there is none that could leak, and every process gives the same answer (G1).
 */
import { createHmac, hash, randomUUID } from 'node:crypto';
import { InvalidContextError } from '../errors.ts';

/** Longest user, client, thread or connection id, in UTF-16 code units. */
export const MAX_ID_LENGTH = 256;

/**
 * Words that programs write into an id when they have none. Compared without regard to case. Two
 * users that both arrive as `undefined` would share a manager, so such an id is refused.
 */
export const PLACEHOLDER_IDS: readonly string[] = Object.freeze([
  'default',
  'n/a',
  'nan',
  'nil',
  'none',
  'null',
  'placeholder',
  'tbd',
  'temp',
  'tmp',
  'todo',
  'undefined',
  'unknown',
  '[object object]',
  '[object promise]',
]);

/** A secret for keyed thread ids: any non-empty string or bytes. */
export type IdentitySecret = string | Uint8Array;

/** A random id. */
export function freshId(): string {
  const id = randomUUID();
  // Node concatenates it from some twenty pieces, which take ten times its size in memory until the string is read.
  // Stryker disable next-line StringLiteral: the id is never empty; reading it flattens the string
  return id.charCodeAt(0) > 0 ? id : '';
}

// Line and paragraph separators are no control characters, but they break a log line all the same.
const CONTROL_CHARACTER = /[\p{Cc}\u2028\u2029]/u;
const EVERY_CONTROL_CHARACTER = new RegExp(CONTROL_CHARACTER, 'gu');
// With the `u` flag a well-formed pair is one code point, so only a lone half matches
// (`String.prototype.isWellFormed` is not in the lib that Node 20 is compiled against).
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Nearly every id is printable ASCII without spaces, to which only one of the rules below applies. */
const PLAIN = /^[!-~]+$/;

const NOT_A_PLACEHOLDER = 'a real id, not a placeholder';

const PLACEHOLDER_LENGTH_MAX = Math.max(...PLACEHOLDER_IDS.map(({ length }) => length));

function isPlaceholder(value: string): boolean {
  return value.length <= PLACEHOLDER_LENGTH_MAX && PLACEHOLDER_IDS.includes(value.toLowerCase());
}

/**
 * Gives `value` back as a string when it is a usable id.
 *
 * White space at either end is refused and not trimmed: trimming would give one person two spellings,
 * and not trimming would give two people ids that look alike.
 *
 * @throws {InvalidContextError} naming `field`. The value is shown escaped and cut short.
 */
export function checkId(field: string, value: unknown): string {
  const refuse = (rule: string): never => {
    throw new InvalidContextError(field, `${field} must be ${rule}, got ${showValue(value)}`);
  };
  if (typeof value !== 'string') return refuse('a string');
  if (value.length > MAX_ID_LENGTH) {
    return refuse(`at most ${MAX_ID_LENGTH} UTF-16 code units long (it has ${value.length})`);
  }
  if (PLAIN.test(value)) return isPlaceholder(value) ? refuse(NOT_A_PLACEHOLDER) : value;
  if (LONE_SURROGATE.test(value)) return refuse('well-formed Unicode');
  if (CONTROL_CHARACTER.test(value)) return refuse('free of control characters');
  const trimmed = value.trim();
  if (trimmed === '') return refuse('not blank');
  if (trimmed !== value) return refuse('free of white space at its ends');
  return isPlaceholder(value) ? refuse(NOT_A_PLACEHOLDER) : value;
}

const SHOWN_LENGTH = 40;

/** A value fit for an error message: escaped, so that it cannot forge a log line, and cut short. */
export function showValue(value: unknown): string {
  if (typeof value !== 'string') {
    return value === null || typeof value !== 'object' ? typeName(value) : 'an object';
  }
  const cut = value.length > SHOWN_LENGTH;
  const quoted = JSON.stringify(cut ? value.slice(0, SHOWN_LENGTH) : value);
  // JSON leaves DEL, the C1 controls and the line separators as they are.
  const shown = quoted.replace(EVERY_CONTROL_CHARACTER, escapeCharacter);
  return cut ? `${shown}… (${value.length} long)` : shown;
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function typeName(value: unknown): string {
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  return String(value);
}

/**
 * How thread ids are derived: SHA-256 of `JSON.stringify(['v1', userId, websocketClientId])`, or
 * HMAC-SHA-256 of the same with a secret. The array, and not a joined string, keeps ('a', 'bc') apart
 * from ('ab', 'c'). The secret is not readable from here.
 */
export class ThreadIdentity {
  /** Equal for equal secrets, and says nothing about them. */
  readonly fingerprint: string;
  readonly #secret: Uint8Array | undefined;

  constructor(secret: IdentitySecret | undefined) {
    // Copied, or a caller that wipes the buffer after use would change every thread id.
    this.#secret = secret === undefined ? undefined : Buffer.from(secret);
    this.fingerprint =
      this.#secret === undefined
        ? 'unkeyed'
        : createHmac('sha256', this.#secret).update('leaktight thread identity').digest('hex');
  }

  threadIdFor(userId: string, websocketClientId: string): string {
    const identity = JSON.stringify(['v1', userId, websocketClientId]);
    const hex =
      this.#secret === undefined
        ? hash('sha256', identity, 'hex')
        : createHmac('sha256', this.#secret).update(identity).digest('hex');
    return `thread_websocket_session_${hex.slice(0, 32)}_${hex.slice(32)}`;
  }
}
