/**
 * Finds the pings in what a WebSocket server sends: frame by frame (RFC 6455, section 5.2) after the 101 that answers the
 * upgrade. Follows the stream wherever it is cut. What is not a WebSocket has no pings.
 */
const statusBytes = 'HTTP/1.1 101'.length;
const endOfHead = [13, 10, 13, 10];
const pingOpcode = 0x9;

export class PingFinder {
  #stage: 'head' | 'frames' | 'other' = 'head';
  #status = '';
  #endBytesSeen = 0;
  #header: number[] = [];
  #payloadLeft = 0;
  #isPing = false;
  #payload: number[] = [];

  /** The payloads of the pings that these bytes complete. */
  push(bytes: Uint8Array): readonly Uint8Array[] {
    const pings: Uint8Array[] = [];
    let at = 0;
    while (at < bytes.length && this.#stage !== 'other') {
      if (this.#stage === 'head') this.#readHead(bytes[at++] ?? 0);
      else at = this.#readFrame(bytes, at, pings);
    }
    return pings;
  }

  #readHead(byte: number): void {
    if (this.#status.length < statusBytes) this.#status += String.fromCharCode(byte);
    const isNext = byte === endOfHead[this.#endBytesSeen];
    this.#endBytesSeen = isNext ? this.#endBytesSeen + 1 : byte === endOfHead[0] ? 1 : 0;
    if (this.#endBytesSeen < endOfHead.length) return;
    this.#stage = this.#status.endsWith(' 101') ? 'frames' : 'other';
  }

  /** Reads a byte of a header, or as much as there is of a payload. Returns where to go on. */
  #readFrame(bytes: Uint8Array, at: number, pings: Uint8Array[]): number {
    let next = at;
    if (this.#payloadLeft === 0) {
      this.#header.push(bytes[next++] ?? 0);
      if (this.#header.length < headerLength(this.#header)) return next;
      this.#isPing = ((this.#header[0] ?? 0) & 0x0f) === pingOpcode;
      this.#payloadLeft = payloadLength(this.#header);
      this.#header = [];
    } else {
      const end = Math.min(bytes.length, next + this.#payloadLeft);
      if (this.#isPing) this.#payload.push(...bytes.subarray(next, end));
      this.#payloadLeft -= end - next;
      next = end;
    }
    if (this.#payloadLeft === 0 && this.#isPing) {
      pings.push(Uint8Array.from(this.#payload));
      this.#payload = [];
    }
    return next;
  }
}

/** The length of a header, as far as its first two bytes say; servers do not mask. */
function headerLength([, second = 0]: readonly number[]): number {
  const length = second & 0x7f;
  return length === 127 ? 10 : length === 126 ? 4 : 2;
}

function payloadLength(header: readonly number[]): number {
  const extended = header.slice(2);
  if (extended.length === 0) return (header[1] ?? 0) & 0x7f;
  return extended.reduce((length, byte) => length * 256 + byte, 0);
}
