/** What travels from one end of a connection to the other. */

/** Data, the end of it, or the last step of the handshake. */
export type Segment = Uint8Array | 'fin' | (() => void);

export function isData(segment: Segment): segment is Uint8Array {
  return segment instanceof Uint8Array;
}

/** A segment with its place in all that its sender has sent. */
export interface SentSegment {
  readonly segment: Segment;
  /** Bytes that were sent before it. */
  readonly at: number;
}
