/**
 * The part of RFC 6455 that defines how a server must handle the bytes of its peer. Written from the RFC and not from
 * `ws`, so that there is something to compare with. Knows no extensions.
 */

export interface Frame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

/** The required reaction to the bytes of a peer. */
export interface Consequence {
  /** Payloads of the messages that are whole and valid. */
  readonly messages: readonly string[];
  readonly pongs: readonly string[];
  /** Code of the close frame that the server sends; 1005 is one without a code. */
  readonly closeCode: number | undefined;
}

interface Header {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly length: number;
  readonly size: number;
}

/** Frames of `bytes`, and how many bytes at the end are no whole frame. */
export function readFrames(bytes: Buffer): { readonly frames: Frame[]; readonly rest: number } {
  const frames: Frame[] = [];
  let at = 0;
  for (;;) {
    const header = readHeader(bytes, at);
    if (header === undefined || at + header.size + header.length > bytes.length) break;
    frames.push({ ...header, payload: payloadAt(bytes, at, header) });
    at += header.size + header.length;
  }
  return { frames, rest: bytes.length - at };
}

/** What is wrong with what a server sent after its 101, frame by frame; latin1. */
export function faultOfFrames(upgraded: string, { compressed = false } = {}): string | undefined {
  const { frames, rest } = readFrames(Buffer.from(upgraded, 'latin1'));
  if (rest > 0) return `${rest} bytes are no whole frame`;
  const close = frames.findIndex(({ opcode }) => opcode === 8);
  if (close !== -1 && close !== frames.length - 1) return 'a frame after the close frame';
  for (const { opcode, masked, payload, fin, rsv } of frames) {
    if (masked || !fin || ![1, 2, 8, 9, 10].includes(opcode)) return `a frame of kind ${opcode}`;
    // RFC 7692, 6: the first reserved bit marks a compressed message.
    const isCompressed = compressed && rsv === 4 && opcode < 8;
    if (rsv !== 0 && !isCompressed) return `a frame with the reserved bits ${rsv}`;
    if (opcode === 1 && !isCompressed && !isUtf8(payload)) return 'a text that is no UTF-8';
    if (opcode !== 8 || payload.length === 0) continue;
    const code = payload.length === 1 ? 0 : payload.readUInt16BE(0);
    if (!isCloseCode(code) || !isUtf8(payload.subarray(2))) return `a close frame with ${code}`;
  }
  return undefined;
}

/** @param maxBytes Largest message that is taken. */
export function consequenceOf(bytes: Buffer, maxBytes: number): Consequence {
  const messages: string[] = [];
  const pongs: string[] = [];
  const ends = (closeCode?: number): Consequence => ({ messages, pongs, closeCode });
  let message: { readonly isText: boolean; readonly parts: Buffer[] } | undefined;
  let at = 0;
  for (;;) {
    // What is wrong with a header is wrong before the rest of the frame is there.
    const early = earlyFault(bytes, at, message !== undefined);
    if (early !== undefined) return ends(early);
    const header = readHeader(bytes, at);
    if (header === undefined) return ends();
    const { opcode, length, size, fin } = header;
    const before = message?.parts.reduce((sum, part) => sum + part.length, 0) ?? 0;
    if (opcode < 8 && before + length > maxBytes) return ends(1009);
    if (at + size + length > bytes.length) return ends();
    const payload = payloadAt(bytes, at, header);
    at += size + length;
    if (opcode === 8) return ends(closeCodeFor(payload));
    if (opcode === 9) pongs.push(payload.toString('latin1'));
    if (opcode >= 8) continue;
    message ??= { isText: opcode === 1, parts: [] };
    message.parts.push(payload);
    if (!fin) continue;
    const whole = Buffer.concat(message.parts);
    if (message.isText && !isUtf8(whole)) return ends(1007);
    messages.push(whole.toString('latin1'));
    message = undefined;
  }
}

/** 5.2 and 5.4, as far as the first two bytes say. */
function earlyFault(bytes: Buffer, at: number, isFragmented: boolean): number | undefined {
  if (bytes.length < at + 2) return undefined;
  const [first = 0, second = 0] = bytes.subarray(at);
  const opcode = first & 15;
  const isControl = opcode >= 8;
  // 5.1: a server must close on a frame that is not masked.
  if ((second & 0x80) === 0) return 1002;
  if ((first & 0x70) !== 0 || (opcode > 2 && opcode < 8) || opcode > 10) return 1002;
  if (isControl && ((first & 0x80) === 0 || (second & 0x7f) > 125)) return 1002;
  if (opcode === 8 && (second & 0x7f) === 1) return 1002;
  if (!isControl && isFragmented !== (opcode === 0)) return 1002;
  return undefined;
}

function readHeader(bytes: Buffer, at: number): Header | undefined {
  if (bytes.length < at + 2) return undefined;
  const [first = 0, second = 0] = bytes.subarray(at);
  const short = second & 0x7f;
  const lengthSize = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (bytes.length < at + 2 + lengthSize) return undefined;
  const masked = (second & 0x80) !== 0;
  const length =
    lengthSize === 0
      ? short
      : lengthSize === 2
        ? bytes.readUInt16BE(at + 2)
        : Number(bytes.readBigUInt64BE(at + 2));
  return {
    fin: (first & 0x80) !== 0,
    rsv: (first >> 4) & 7,
    opcode: first & 15,
    masked,
    length,
    size: 2 + lengthSize + (masked ? 4 : 0),
  };
}

function payloadAt(bytes: Buffer, at: number, { size, length, masked }: Header): Buffer {
  const payload = Buffer.from(bytes.subarray(at + size, at + size + length));
  if (!masked) return payload;
  const mask = bytes.subarray(at + size - 4, at + size);
  return payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0)) as Buffer;
}

/** 5.5.1 and 7.4: a server answers with the code that it got. */
function closeCodeFor(payload: Buffer): number {
  if (payload.length === 0) return 1005;
  const code = payload.readUInt16BE(0);
  if (!isCloseCode(code)) return 1002;
  return isUtf8(payload.subarray(2)) ? code : 1007;
}

/** Codes that may be sent (7.4.1, 7.4.2, and IANA's registry up to 1014). */
function isCloseCode(code: number): boolean {
  if (code >= 3_000) return code < 5_000;
  return code >= 1_000 && code <= 1_014 && code !== 1_004 && code !== 1_005 && code !== 1_006;
}

function isUtf8(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
