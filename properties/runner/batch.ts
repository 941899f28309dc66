/**
 * Many hostile inputs in one run of a property, since a server is dearer than an input. The inputs of a batch are
 * independent of each other, or nearly: a batch that fails shrinks to the few that make it fail, and then those.
 */
import fc from 'fast-check';
import { pathFromEnvironment, runsFromEnvironment } from './environment.ts';
import { assertProperty, type Property } from './property.ts';

/** What became of the inputs of a batch. */
export interface Trial {
  /** How many of them reached what is tested. Counted there, so that the number cannot silently shrink. */
  readonly judged: number;
  /** What is wrong, if something is. */
  readonly fault: string | undefined;
}

/** How many inputs of each kind there are in a run. A hundred runs must be 100,000 of them or more. */
export const inputsPerRun = { ids: 400, identities: 300, upgrades: 205, frames: 205 } as const;

export interface BatchOptions<Input> {
  /** Also the name of its test. */
  readonly title: string;
  readonly input: fc.Arbitrary<Input>;
  readonly inputsPerRun: number;
  readonly attempt: (inputs: readonly Input[], bug: string | null) => Trial | Promise<Trial>;
}

export interface BatchProperty extends Property {
  readonly inputsPerRun: number;
  /** Is told how many inputs of a run were judged. */
  onJudged: (count: number) => void;
}

export function batchProperty<Input>(options: BatchOptions<Input>): BatchProperty {
  const { title, input, attempt } = options;
  return {
    title,
    runs: 100,
    inputsPerRun: options.inputsPerRun,
    onJudged: () => {},
    over({ bug }) {
      return fc.asyncProperty(new BatchArbitrary(input, options.inputsPerRun), async (inputs) => {
        const trial = await attempt(inputs, bug);
        this.onJudged(trial.judged);
        if (trial.fault !== undefined) throw new Error(trial.fault);
      });
    },
    async describe(counterexample, { bug }) {
      const inputs = counterexample as readonly Input[];
      const { fault } = await attempt(inputs, bug);
      return [
        `  seen:      ${fault ?? 'not seen again: it depends on something outside its input'}`,
        ...inputs.map((one) => `  input:     ${inPlainAscii(one)}`),
      ];
    },
  };
}

/**
 * Asserts a property, and that as many inputs were judged as there are in its runs. Where one counterexample alone is
 * replayed, fewer are.
 */
export async function assertBatches(property: BatchProperty): Promise<void> {
  let judged = 0;
  const counted: BatchProperty = {
    ...property,
    onJudged: (count) => {
      judged += count;
    },
  };
  await assertProperty(counted);
  const expected =
    'path' in pathFromEnvironment()
      ? 0
      : property.inputsPerRun * runsFromEnvironment(property.runs);
  if (judged < expected) throw new Error(`${judged} inputs were judged, not ${expected}`);
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
