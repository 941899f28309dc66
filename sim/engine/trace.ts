/**
 * What happened, in order: a digest over every event and every wire byte, and, when a listener is given, one record an
 * event with its cause, host and ids. No prose: renderings are made elsewhere.
 */
import { createHash } from 'node:crypto';

/** The kinds of events, in an order that is part of the digest: append only. */
export const eventKinds = [
  'timer',
  'immediate',
  'syn',
  'refused',
  'syn-ack',
  'accept',
  'segment',
  'window',
  'fin',
  'rst',
  'lost',
  'timeout',
  'action',
  'fault',
  'boot',
  'zlib',
  'http-timeouts',
  'phase',
  'retransmit',
  'resume',
  'delivery',
  'proxy',
] as const;

export type EventKind = (typeof eventKinds)[number];

const kindCodes = new Map<EventKind, number>(eventKinds.map((kind, code) => [kind, code]));

/** One event of a run, as a line of a trace file. */
export interface TraceRecord {
  /** Ordinal of the event, from 1. */
  readonly event: number;
  readonly atMs: number;
  readonly kind: EventKind;
  /** The host whose code or kernel it concerns; absent for what the engine does to all. */
  readonly host?: string;
  readonly incarnation?: number;
  /** Ordinal of the event during which this one was scheduled; 0 for what the scenario scheduled. */
  readonly cause: number;
  /** Ordinal of the TCP connection, of the timer within its host, or of the action, as the kind says. */
  readonly id: number;
  /** The wire bytes of a segment, arrived or lost, in base64. */
  readonly bytes?: string;
  /** The action or the fault itself. */
  readonly data?: unknown;
}

const headerBytes = 28;
const flushAtBytes = 64 * 1_024;
const empty = new Uint8Array(0);

export class Trace {
  readonly #hash = createHash('sha256');
  readonly #buffer = Buffer.allocUnsafe(flushAtBytes);
  readonly #listener: ((record: TraceRecord) => void) | undefined;
  #used = 0;
  wireBytes = 0;

  constructor(listener?: (record: TraceRecord) => void) {
    this.#listener = listener;
  }

  /**
   * Adds one event. What is hashed: time, kind, host, incarnation, cause, id, the length of the payload and its bytes.
   * The ordinal is not: it is the position in the stream.
   */
  add(
    event: number,
    atMs: number,
    kind: EventKind,
    host: { readonly ordinal: number; readonly name: string } | undefined,
    incarnation: number,
    cause: number,
    id: number,
    payload: Uint8Array = empty,
    data?: unknown,
  ): void {
    if (this.#used + headerBytes > flushAtBytes) this.#flush();
    const buffer = this.#buffer;
    let at = this.#used;
    buffer[at++] = kindCodes.get(kind) ?? 255;
    buffer[at++] = incarnation & 0xff;
    at = buffer.writeUInt16LE((host?.ordinal ?? 0xffff) & 0xffff, at);
    at = buffer.writeDoubleLE(atMs, at);
    at = buffer.writeUInt32LE(event - cause, at);
    at = buffer.writeDoubleLE(id, at);
    at = buffer.writeUInt32LE(payload.length, at);
    this.#used = at;
    if (payload.length > 0) this.#append(payload);
    if (kind === 'segment') this.wireBytes += payload.length;
    this.#listener?.({
      event,
      atMs,
      kind,
      ...(host === undefined ? {} : { host: host.name, incarnation }),
      cause,
      id,
      ...(payload.length > 0 ? { bytes: Buffer.from(payload).toString('base64') } : {}),
      ...(data === undefined ? {} : { data }),
    });
  }

  /** Closes the trace and gives the digest in hexadecimal. */
  digest(): string {
    this.#flush();
    return this.#hash.digest('hex');
  }

  #append(bytes: Uint8Array): void {
    if (bytes.length > flushAtBytes - this.#used) this.#flush();
    if (bytes.length > flushAtBytes) {
      this.#hash.update(bytes);
      return;
    }
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  #flush(): void {
    this.#hash.update(this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }
}
