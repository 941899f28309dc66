/**
 * `node:http` stamps `Date:` from a clock of its own that nothing governs. The value is replaced where it leaves the
 * server, so that the bytes on the wire say virtual time.
 */
const startOfResponse = 0x48_54_54_50; // "HTTP"
const field = '\r\nDate: ';
/** Length of an IMF-fixdate (RFC 9110, section 5.6.7), as `toUTCString` gives it. */
const dateLength = 29;

export function stampVirtualDate(bytes: Buffer): Buffer {
  if (bytes.length < 16 || bytes.readUInt32BE(0) !== startOfResponse) return bytes;
  const endOfHead = bytes.indexOf('\r\n\r\n');
  const head = endOfHead === -1 ? bytes : bytes.subarray(0, endOfHead);
  const at = head.indexOf(field);
  if (at === -1) return bytes;
  const stamped = Buffer.from(bytes);
  stamped.write(new Date().toUTCString(), at + field.length, dateLength, 'latin1');
  return stamped;
}
