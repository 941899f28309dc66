/** Compares the recordings of two runs, record by record, and finds the first that differs. */
import type { Outcome } from '../../run/outcome.ts';

/** Where two runs of one seed diverge. */
export interface Difference {
  /** Of the first and of the second run. */
  readonly digests: readonly [first: string, second: string];
  /** Ordinal of the first event that differs; absent when all events that were kept are equal. */
  readonly event?: number;
  /** What differs first, in either run: a record of the trace, or a field of the outcome. */
  readonly first: string;
  readonly second: string;
}

/**
 * Characters of a recording that are kept to be compared: some thousand times an ordinary run, and no danger to memory.
 */
const keptMax = 64 * 1_024 * 1_024;
const shownMax = 400;

export class RecordingComparison {
  #lines: string[] = [];
  #kept = 0;
  #isWhole = true;
  #compared = 0;
  #differing:
    | { readonly event: number; readonly first: string; readonly second: string }
    | undefined;

  /** The first run is repeated: its recording is discarded. */
  clear(): void {
    this.#lines = [];
    this.#kept = 0;
    this.#isWhole = true;
  }

  /** The second run is repeated: the comparison restarts at the first record. */
  rewind(): void {
    this.#compared = 0;
    this.#differing = undefined;
  }

  record(record: object): void {
    if (!this.#isWhole) return;
    const line = JSON.stringify(record);
    this.#kept += line.length;
    this.#isWhole = this.#kept <= keptMax;
    if (this.#isWhole) this.#lines.push(line);
  }

  compare(record: object): void {
    const first = this.#lines[this.#compared];
    this.#compared += 1;
    if (this.#differing !== undefined || (first === undefined && !this.#isWhole)) return;
    const second = JSON.stringify(record);
    if (second !== first) this.#differs(first ?? 'the run was over', second);
  }

  /** What differs, in the recordings or else in the outcomes. */
  difference(one: Outcome, two: Outcome): Difference | undefined {
    const left = this.#lines[this.#compared];
    if (this.#differing === undefined && left !== undefined) {
      this.#compared += 1;
      this.#differs(left, 'the run was over');
    }
    const digests = [one.digest, two.digest] as const;
    if (this.#differing !== undefined) return { digests, ...this.#differing };
    const field = differingField(one, two);
    return field === undefined ? undefined : { digests, ...field };
  }

  #differs(first: string, second: string): void {
    this.#differing = { event: this.#compared, first: shown(first), second: shown(second) };
  }
}

/** The first field of the outcomes that differs. Stacks are left out, since they depend on the caller of the run. */
function differingField(one: Outcome, two: Outcome): { first: string; second: string } | undefined {
  for (const name of Object.keys(one) as (keyof Outcome)[]) {
    const [first, second] = [one, two].map((outcome) =>
      JSON.stringify(outcome[name], withoutStack),
    );
    if (first !== second)
      return { first: shown(`${name} ${first}`), second: shown(`${name} ${second}`) };
  }
  return undefined;
}

function withoutStack(key: string, value: unknown): unknown {
  return key === 'stack' ? undefined : value;
}

function shown(text: string): string {
  return text.length <= shownMax ? text : `${text.slice(0, shownMax)} …`;
}
