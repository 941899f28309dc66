/**
 * What a peer may send once it is admitted: frames that are genuine but for what is done to them, and bytes that are none.
 */
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';

export type Piece =
  | {
      readonly kind: 'frame';
      readonly fin: boolean;
      readonly rsv: number;
      readonly opcode: number;
      readonly masked: boolean;
      /** Latin1: a character is a byte. */
      readonly payload: string;
      /** How its length is written; the shortest form that has room unless said otherwise. */
      readonly lengthBits: 7 | 16 | 64;
      /** The length that it claims, if not its own. */
      readonly claims: number | null;
    }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }
  | { readonly kind: 'compressed'; readonly text: string; readonly times: number }
  | { readonly kind: 'bytes'; readonly text: string };

export interface FrameSequence {
  readonly pieces: readonly Piece[];
  /** Bytes after which nothing more is sent. */
  readonly cutAt: number | null;
  /** Whether it does not wait for the answer to its upgrade. */
  readonly early: boolean;
  /** Whether it asks for compression. */
  readonly deflate: boolean;
  readonly leaving: 'wait' | 'end' | 'reset';
  readonly afterMs: number;
}

export function bytesOf({ pieces, cutAt }: FrameSequence): Buffer {
  return Buffer.concat(pieces.map(pieceBytes)).subarray(0, cutAt ?? Number.POSITIVE_INFINITY);
}

const mask = Buffer.from([0x01, 0x20, 0x83, 0xfe]);

function pieceBytes(piece: Piece): Buffer {
  switch (piece.kind) {
    case 'bytes':
      return Buffer.from(piece.text, 'latin1');
    case 'close': {
      const code = Buffer.alloc(2);
      code.writeUInt16BE(piece.code);
      return frameBytes(0x88, Buffer.concat([code, Buffer.from(piece.reason, 'latin1')]));
    }
    case 'compressed': {
      const deflated = deflateRawSync(piece.text.repeat(piece.times), { finishFlush: 2 });
      // RFC 7692, 7.2.1: the last four bytes are not sent.
      return frameBytes(0xc1, deflated.subarray(0, -4));
    }
    case 'frame': {
      const { fin, rsv, opcode, payload, masked, lengthBits, claims } = piece;
      const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
      return frameBytes(first, Buffer.from(payload, 'latin1'), { masked, lengthBits, claims });
    }
  }
}

function frameBytes(
  first: number,
  payload: Buffer,
  { masked = true, lengthBits = 7, claims = null as number | null } = {},
): Buffer {
  const length = claims ?? payload.length;
  const bits = Math.max(lengthBits, length <= 125 ? 7 : length <= 0xffff ? 16 : 64);
  const header = Buffer.alloc(bits === 7 ? 2 : bits === 16 ? 4 : 10);
  header[0] = first;
  header[1] = (masked ? 0x80 : 0) | (bits === 7 ? length : bits === 16 ? 126 : 127);
  if (bits === 16) header.writeUInt16BE(length, 2);
  if (bits === 64) header.writeBigUInt64BE(BigInt(length), 2);
  if (!masked) return Buffer.concat([header, payload]);
  return Buffer.concat([header, mask, payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0))]);
}

const latin1 = fc.nat(0xff).map((code) => String.fromCharCode(code));

const payload = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('', 'hi', 'h\xc3\xa9', '\xe2\x82\xac') },
  // UTF-8 that is cut off, over-long, a surrogate, beyond U+10FFFF.
  {
    weight: 2,
    arbitrary: fc.constantFrom('\xc3', '\xe2\x82', '\xc0\xaf', '\xed\xa0\x80', '\xf4\x90\x80\x80'),
  },
  { weight: 2, arbitrary: fc.string({ unit: latin1, maxLength: 12 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(125, 126, 127, 1_000, 2_000, 2_001).map((n) => 'a'.repeat(n)),
  },
);

const rarely = <T>(usual: T, odd: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: odd });

const frame: fc.Arbitrary<Piece> = fc.record({
  kind: fc.constant('frame' as const),
  fin: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false)),
  rsv: rarely(0, fc.nat(7)),
  opcode: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(1, 2, 0, 9, 10) },
    { weight: 1, arbitrary: fc.nat(15) },
  ),
  masked: rarely(true, fc.constant(false)),
  payload,
  lengthBits: rarely<7 | 16 | 64>(7, fc.constantFrom(16, 64)),
  claims: rarely<number | null>(
    null,
    fc.constantFrom(0, 1, 3, 125, 126, 2_000, 2_001, 65_536, 2 ** 31, 2 ** 53, 2 ** 63),
  ),
});

const close: fc.Arbitrary<Piece> = fc.record({
  kind: fc.constant('close' as const),
  code: fc.oneof(
    fc.integer({ min: 998, max: 1_017 }),
    fc.constantFrom(0, 1, 2_999, 3_000, 4_000, 4_999, 5_000, 0xffff),
  ),
  reason: payload,
});

/** With many repetitions it is small on the wire and large once it is taken apart. */
const compressed: fc.Arbitrary<Piece> = fc.record({
  kind: fc.constant('compressed' as const),
  text: fc.constantFrom('', 'hi', '\xff'),
  times: fc.constantFrom(1, 900, 100_000),
});

const bytes: fc.Arbitrary<Piece> = fc.record({
  kind: fc.constant('bytes' as const),
  text: fc.string({ unit: latin1, minLength: 1, maxLength: 20 }),
});

const sequence = (piece: fc.Arbitrary<Piece>, deflate: boolean): fc.Arbitrary<FrameSequence> =>
  fc.record({
    pieces: fc.array(piece, { minLength: 1, maxLength: 6 }),
    cutAt: fc.option(fc.nat(60), { nil: null, freq: 2 }),
    early: fc.boolean(),
    deflate: fc.constant(deflate),
    leaving: fc.constantFrom('wait' as const, 'end' as const, 'reset' as const),
    afterMs: fc.constantFrom(0, 1, 5, 400),
  });

const weighted = [
  { weight: 8, arbitrary: frame },
  { weight: 1, arbitrary: close },
  { weight: 1, arbitrary: bytes },
];

/** Few with compression: a context of zlib costs more than all the rest of a connection. */
export const frameSequence: fc.Arbitrary<FrameSequence> = fc.oneof(
  { weight: 24, arbitrary: sequence(fc.oneof(...weighted), false) },
  {
    weight: 1,
    arbitrary: sequence(fc.oneof(...weighted, { weight: 6, arbitrary: compressed }), true),
  },
);
