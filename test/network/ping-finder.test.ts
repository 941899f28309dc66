/** Pings are found in the stream of a WebSocket server wherever it is cut, and nowhere else. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PingFinder } from '../../sim/network/proxy/ping-finder.ts';

const head = Buffer.from('HTTP/1.1 101 Switching Protocols\r\nA: b\r\n\r\n');

function frame(opcode: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const header =
    length < 126
      ? [0x80 | opcode, length]
      : length < 65_536
        ? [0x80 | opcode, 126, length >> 8, length & 255]
        : [0x80 | opcode, 127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255];
  return Buffer.concat([Uint8Array.from(header), payload]);
}

function pingsIn(stream: Uint8Array, cuts: readonly number[]): string[] {
  const finder = new PingFinder();
  const ends = [...cuts.map((cut) => cut % (stream.length + 1)), stream.length].sort(
    (a, b) => a - b,
  );
  return ends.flatMap((end, index) =>
    finder
      .push(stream.subarray(ends[index - 1] ?? 0, end))
      .map((ping) => Buffer.from(ping).toString('hex')),
  );
}

const message = fc
  .record({
    opcode: fc.constantFrom(0, 1, 2, 8, 9, 10),
    // Lengths in all three encodings, and of control frames, which are never longer than 125.
    payload: fc.oneof(
      fc.uint8Array({ maxLength: 125 }),
      fc
        .constantFrom(126, 300, 65_535, 65_536, 70_000)
        .map((length) => new Uint8Array(length).fill(0x89)),
    ),
  })
  .filter(({ opcode, payload }) => opcode < 8 || payload.length < 126);

test('every ping is found, however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(message), fc.array(fc.nat()), (messages, cuts) => {
      const stream = Buffer.concat([
        head,
        ...messages.map(({ opcode, payload }) => frame(opcode, payload)),
      ]);
      const pings = messages.filter(({ opcode }) => opcode === 9);

      expect(pingsIn(stream, cuts)).toEqual(
        pings.map(({ payload }) => Buffer.from(payload).toString('hex')),
      );
    }),
    { seed: 7 },
  );
});

test('what is not a WebSocket has no pings', () => {
  const refused = Buffer.from('HTTP/1.1 401 Unauthorized\r\n\r\n');

  expect(pingsIn(Buffer.concat([refused, frame(9, new Uint8Array(1))]), [])).toEqual([]);
});
