/**
 * One digest over many runs: the SHA-256 of each run's seed and digest, added up modulo 2^256. Each run is bound to its
 * seed, so it does not matter who made it or when; a sum can be kept in a file and gone on with; and the sums of all
 * shards of a campaign, added up, are the digest of the whole.
 */
import { createHash } from 'node:crypto';

const modulus = 1n << 256n;

export class DigestSum {
  #sum: bigint;

  /** `sum` is the `hex` of an earlier one. */
  constructor(sum = '0') {
    this.#sum = BigInt(`0x${sum}`);
  }

  add(seed: number, digest: string): void {
    const hash = createHash('sha256').update(`${seed}:${digest}`).digest('hex');
    this.#sum = (this.#sum + BigInt(`0x${hash}`)) % modulus;
  }

  hex(): string {
    return this.#sum.toString(16).padStart(64, '0');
  }
}
