/** How the registry disconnects a peer: the code and text for each cause, and how long the handshake may take. */
import type { PolicyDisconnectCause } from '../telemetry/reasons.ts';
import { CLOSE_CODES } from './close-codes.ts';
import { type CloseOrder, DETACH_MS } from './close-order.ts';

/** Milliseconds for the close handshake of a peer that broke a limit. */
const SHORT_HANDSHAKE_MS = 1_000;

interface PolicyDisconnect {
  readonly code: number;
  readonly text: string;
  readonly handshakeMs: number;
}

const POLICY_DISCONNECTS: Readonly<Record<PolicyDisconnectCause, PolicyDisconnect>> = {
  // A peer that is gone cannot answer a close frame.
  heartbeat: { code: CLOSE_CODES.unresponsive, text: 'unresponsive', handshakeMs: 0 },
  age: {
    code: CLOSE_CODES.tooOld,
    text: 'connection too old, reconnect',
    handshakeMs: Number.POSITIVE_INFINITY,
  },
  silence: {
    code: CLOSE_CODES.silent,
    text: 'no message for too long',
    handshakeMs: Number.POSITIVE_INFINITY,
  },
  'slow-reader': {
    code: CLOSE_CODES.slowReader,
    text: 'reads too slowly',
    handshakeMs: SHORT_HANDSHAKE_MS,
  },
  'message-size': {
    code: CLOSE_CODES.messageTooBig,
    text: 'message too big',
    handshakeMs: SHORT_HANDSHAKE_MS,
  },
  'frame-rate': {
    code: CLOSE_CODES.tooManyFrames,
    text: 'too many frames',
    handshakeMs: SHORT_HANDSHAKE_MS,
  },
};

/** Never longer than `closeTimeoutMs`. */
export function policyDisconnectOrder(
  cause: PolicyDisconnectCause,
  closeTimeoutMs: number,
): CloseOrder {
  const { code, text, handshakeMs } = POLICY_DISCONNECTS[cause];
  return {
    cause,
    code,
    text,
    handshakeMs: Math.min(handshakeMs, closeTimeoutMs),
    detachMs: DETACH_MS,
  };
}
