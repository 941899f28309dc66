/**
 * One digest over many runs: the SHA-256 of each run's seed and digest, added up modulo 2^256. Each run is bound to its
 * seed, so the order and the worker of a run do not matter. A sum can be stored and continued, and the sums of all
 * shards add up to the digest of the whole campaign.
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
