/** The values that `node:crypto` makes of random bytes, made of seeded ones. Pure. */

type Draw = (bytes: Uint8Array) => Uint8Array;

/** The bytes behind a view, from `offset` elements for `size` elements, as `randomFillSync` counts them. */
export function toBytes(
  view: ArrayBufferView | ArrayBuffer,
  offset = 0,
  size?: number,
): Uint8Array {
  if (view instanceof ArrayBuffer)
    return new Uint8Array(view, offset, size ?? view.byteLength - offset);
  const width = 'BYTES_PER_ELEMENT' in view ? Number(view.BYTES_PER_ELEMENT) : 1;
  const start = offset * width;
  const length = size === undefined ? view.byteLength - start : size * width;
  return new Uint8Array(view.buffer, view.byteOffset + start, length);
}

/** A version 4 UUID (RFC 9562, section 5.4). */
export function uuidFrom(draw: Draw): string {
  const bytes = Buffer.from(draw(new Uint8Array(16)));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** An integer from `min` to `max - 1`, each equally likely up to 2^-5 of a part in 2^48. */
export function randomIntFrom(draw: Draw, min: number, max: number): number {
  const bytes = Buffer.from(draw(new Uint8Array(6)));
  return min + Math.floor((bytes.readUIntBE(0, 6) / 2 ** 48) * (max - min));
}
