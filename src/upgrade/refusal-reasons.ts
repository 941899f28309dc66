/** Which refusal answers which error at the door. Pure. */
import {
  InvalidContextError,
  ManagerClosedError,
  ManagerLimitError,
  RegistryClosedError,
} from '../errors.ts';
import { Refusal } from './refusal.ts';

/** Seconds after which a client may try another server, when this one is going away. */
const RETRY_AFTER_CLOSED_S = 5;

/** Undefined for what is nobody's fault but the server's. */
export function refusalFor(cause: unknown): Refusal | undefined {
  if (cause instanceof Refusal) return cause;
  if (cause instanceof InvalidContextError) return new Refusal(400, `Invalid ${cause.field}`);
  if (cause instanceof ManagerLimitError) {
    const seconds = Math.max(1, Math.ceil(cause.retryAfterMs / 1_000));
    const status = cause.code === 'ERR_LEAKTIGHT_TOTAL_LIMIT' ? 503 : 429;
    return new Refusal(status, 'Too many connections', { 'Retry-After': String(seconds) });
  }
  if (cause instanceof RegistryClosedError || cause instanceof ManagerClosedError) {
    return closedRefusal();
  }
  return undefined;
}

export function closedRefusal(): Refusal {
  return new Refusal(503, 'The server is going away', {
    'Retry-After': String(RETRY_AFTER_CLOSED_S),
  });
}
