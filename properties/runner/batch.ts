/**
 * Many hostile inputs in one run of a property, since a server is dearer than an input. The inputs of a batch are
 * independent of each other, or nearly: a batch that fails shrinks to the few that make it fail, and then those.
 */
import fc from 'fast-check';
import {
  pathFromEnvironment,
  replayLine,
  runsFromEnvironment,
  seedFromEnvironment,
} from './environment.ts';

/** What became of the inputs of a batch. */
export interface Trial {
  /** How many of them reached what is tested. Counted there, so that the number cannot silently shrink. */
  readonly judged: number;
  /** What is wrong, if something is. */
  readonly fault: string | undefined;
}

/** How many inputs of each kind there are in a run. A hundred runs must be 100,000 of them or more. */
export const inputsPerRun = { ids: 400, identities: 300, upgrades: 205, frames: 205 } as const;

export interface HostileClaim<Input> {
  /** Also the name of its test. */
  readonly title: string;
  readonly input: fc.Arbitrary<Input>;
  readonly inputsPerRun: number;
  readonly attempt: (inputs: readonly Input[]) => Trial | Promise<Trial>;
}

/** Real milliseconds that a claim may take: each run has a second, which is ten times what it needs. */
export const hostileTimeoutMs = 20_000 + 1_000 * runsFromEnvironment();

/**
 * Checks a claim, and gives how many inputs were judged. Throws a report of the smallest counterexample found.
 * `LEAKTIGHT_SEED`, `LEAKTIGHT_PATH` and `LEAKTIGHT_RUNS` choose what is run.
 */
export async function assertHostile<Input>(claim: HostileClaim<Input>): Promise<number> {
  const { judged, report } = await check(claim, {
    numRuns: runsFromEnvironment(),
    ...pathFromEnvironment(),
  });
  if (report !== undefined) throw new Error(report);
  return judged;
}

/** The report of a claim that does not hold, since the registry has a bug that was planted in it. */
export async function reportOfBroken<Input>(claim: HostileClaim<Input>): Promise<string> {
  const { report } = await check(claim, { numRuns: 20 });
  return report ?? 'it holds';
}

async function check<Input>(
  claim: HostileClaim<Input>,
  parameters: { readonly numRuns: number; readonly path?: string },
): Promise<{ readonly judged: number; readonly report: string | undefined }> {
  let judged = 0;
  const property = fc.asyncProperty(
    new BatchArbitrary(claim.input, claim.inputsPerRun),
    async (inputs) => {
      const trial = await claim.attempt(inputs);
      judged += trial.judged;
      if (trial.fault !== undefined) throw new Error(trial.fault);
    },
  );
  const details = await fc.check(property, { seed: seedFromEnvironment(), ...parameters });
  return { judged, report: details.failed ? await reportOf(claim, details) : undefined };
}

/** How many inputs a claim must have judged at least: all of them, unless one counterexample alone is replayed. */
export function inputsExpected({ inputsPerRun }: { readonly inputsPerRun: number }): number {
  return 'path' in pathFromEnvironment() ? 0 : inputsPerRun * runsFromEnvironment();
}

/** In order: what broke, the inputs that break it, how to see it again. */
async function reportOf<Input>(
  { title, attempt }: HostileClaim<Input>,
  details: fc.RunDetails<[Input[]]>,
): Promise<string> {
  const inputs = details.counterexample?.[0];
  if (inputs === undefined) return `${title}: ${String(details.errorInstance)}`;
  const { fault } = await attempt(inputs);
  return [
    `FAILED ${title}`,
    `  seen:      ${fault ?? 'not seen again: it depends on something outside its input'}`,
    ...inputs.map((input) => `  input:     ${inPlainAscii(input)}`),
    `  shrunk:    ${details.numShrinks} times, after ${details.numRuns} runs`,
    `  replay:    ${replayLine(details, title)}`,
  ].join('\n');
}

/** What is hostile in an input may be invisible. */
function inPlainAscii(input: unknown): string {
  return JSON.stringify(input).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Arrays of one size, which shrink to shorter ones. */
class BatchArbitrary<Input> extends fc.Arbitrary<Input[]> {
  readonly #input: fc.Arbitrary<Input>;
  readonly #size: number;

  constructor(input: fc.Arbitrary<Input>, size: number) {
    super();
    this.#input = input;
    this.#size = size;
  }

  override generate(random: fc.Random, biasFactor: number | undefined): fc.Value<Input[]> {
    return batchOf(
      Array.from({ length: this.#size }, () => this.#input.generate(random, biasFactor)),
    );
  }

  override canShrinkWithoutContext(_value: unknown): _value is Input[] {
    return false;
  }

  override shrink(_value: Input[], context: unknown): fc.Stream<fc.Value<Input[]>> {
    return fc.stream(this.#smaller(context as readonly fc.Value<Input>[]));
  }

  /** First halves, then what is left when a quarter, an eighth, … is taken out, then smaller inputs. */
  *#smaller(inputs: readonly fc.Value<Input>[]): IterableIterator<fc.Value<Input[]>> {
    const half = Math.ceil(inputs.length / 2);
    if (inputs.length > 1) {
      yield batchOf(inputs.slice(0, half));
      yield batchOf(inputs.slice(half));
    }
    for (let size = Math.floor(half / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let at = 0; at < inputs.length; at += size) {
        yield batchOf(inputs.toSpliced(at, size));
      }
    }
    for (const [index, { value, context }] of inputs.entries()) {
      for (const smaller of this.#input.shrink(value, context)) {
        yield batchOf(inputs.with(index, smaller));
      }
    }
  }
}

function batchOf<Input>(inputs: readonly fc.Value<Input>[]): fc.Value<Input[]> {
  return new fc.Value(
    inputs.map(({ value }) => value),
    inputs,
  );
}
