/** A pair of streams between which every chunk takes a moment, in virtual time. */
import { Duplex } from 'node:stream';

const LATENCY_MS = 2;

export class SlowDuplex extends Duplex {
  #peer: SlowDuplex | undefined;

  static pair(this: void): readonly [SlowDuplex, SlowDuplex] {
    const [one, other] = [new SlowDuplex(), new SlowDuplex()];
    one.#peer = other;
    other.#peer = one;
    return [one, other];
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    setTimeout(() => this.#peer?.push(chunk), LATENCY_MS);
    done();
  }

  override _final(done: () => void): void {
    setTimeout(() => this.#peer?.push(null), LATENCY_MS);
    done();
  }
}
