/** Which paths of the network are cut: the partitions that are on. */
import type { Machine } from './ports.ts';

/** Two groups of hosts, and what does not pass between them. */
export interface Cut {
  readonly side: ReadonlySet<Machine>;
  /** `undefined` for all others. */
  readonly otherSide: ReadonlySet<Machine> | undefined;
  readonly cutsOut: boolean;
  readonly cutsIn: boolean;
  readonly untilMs: number;
}

export class Partitions {
  #cuts: Cut[] = [];

  add(cut: Cut): void {
    this.#cuts.push(cut);
  }

  clear(): void {
    this.#cuts = [];
  }

  /** Whether nothing gets from one host to the other at `nowMs`. A machine is never cut off from itself. */
  isCut(from: Machine, to: Machine, nowMs: number): boolean {
    if (this.#cuts.length === 0 || from === to) return false;
    return this.#cuts.some(
      (cut) =>
        nowMs < cut.untilMs &&
        ((cut.cutsOut && lies(from, to, cut)) || (cut.cutsIn && lies(to, from, cut))),
    );
  }
}

function lies(here: Machine, there: Machine, { side, otherSide }: Cut): boolean {
  return side.has(here) && (otherSide === undefined ? !side.has(there) : otherSide.has(there));
}
