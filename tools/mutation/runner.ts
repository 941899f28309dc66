/**
 * The test runner of Stryker: Vitest, started once, with all tests loaded and waiting. Which mutants there are, which tests
 * reach them and how long they may take is Stryker's business.
 *
 * Stryker's own runner for Vitest starts the test files anew for each mutant: it took 11 times the CPU time.
 */

import { createVitest, type Vitest } from 'vitest/node';
import { CHANNEL, type Ran, type Reply, type Request } from './protocol.ts';

interface MutantRun {
  readonly activeMutant: { readonly id: string };
  readonly testFilter?: readonly string[];
  readonly hitLimit?: number;
}

class ResidentRunner {
  static readonly inject = [] as const;
  #vitest: Vitest | undefined;
  #run: Promise<unknown> | undefined;
  #channel: InstanceType<typeof BroadcastChannel> | undefined;
  #isSpoilt = false;

  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: true };
  }

  async init(): Promise<void> {
    // As the tests are always run: some options follow from it.
    process.env.NODE_ENV = 'test';
    this.#channel = new BroadcastChannel(CHANNEL);
    const ready = this.#next();
    this.#vitest = await createVitest('test', {
      config: 'vitest.mutation.config.ts',
      watch: false,
      reporters: [{}],
      onConsoleLog: () => false,
    });
    const run = this.#vitest.start();
    this.#run = run;
    const ended = run.then(() => {
      const errors = [...(this.#vitest?.state.errorsSet ?? [])].map(String);
      throw new Error(`the tests could not be loaded: ${errors.join(', ')}`);
    });
    ended.catch(() => {});
    await Promise.race([ready, ended]);
  }

  async dryRun(): Promise<object> {
    const reply = await this.#ask({ kind: 'all' });
    if (reply.kind !== 'all') throw new Error(`got ${reply.kind} for all`);
    const tests = reply.tests.map(({ id, durationMs, failure }) => ({
      id,
      name: id,
      fileName: id.slice(0, id.indexOf(' > ')),
      timeSpentMs: durationMs,
      status: failure === undefined ? 0 : 1,
      failureMessage: failure,
    }));
    return { status: 'complete', tests, mutantCoverage: reply.reached };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit }: MutantRun): Promise<object> {
    // A rejection makes Stryker start the runner anew and ask again.
    if (this.#isSpoilt) throw new Error('what ran before may not be over');
    const reply = await this.#ask({
      kind: 'mutant',
      mutant: activeMutant.id,
      tests: testFilter,
      hitsMax: hitLimit,
    });
    if (reply.kind !== 'mutant') throw new Error(`got ${reply.kind} for a mutant`);
    this.#isSpoilt = reply.isSpoilt;
    return resultOf(reply.tests, reply.hits, hitLimit, reply.isSpoilt);
  }

  async dispose(): Promise<void> {
    this.#channel?.postMessage({ kind: 'end' } satisfies Request);
    await this.#run;
    this.#channel?.close();
    await this.#vitest?.close();
  }

  #ask(request: Request): Promise<Reply> {
    const reply = this.#next();
    this.#channel?.postMessage(request);
    return reply;
  }

  #next(): Promise<Reply> {
    const channel = this.#channel;
    if (channel === undefined) throw new Error('the runner was not started');
    return new Promise((resolve) => {
      channel.onmessage = (event: { readonly data: unknown }) => resolve(event.data as Reply);
    });
  }
}

function resultOf(
  tests: readonly Ran[],
  hits: number,
  hitLimit: number | undefined,
  isSpoilt: boolean,
): object {
  const last = tests.at(-1);
  const nrOfTests = tests.length;
  if (hitLimit !== undefined && hits > hitLimit) {
    return { status: 'timeout', reason: `reached ${hits} times` };
  }
  if (last?.failure === undefined) return { status: 'survived', nrOfTests };
  // One that was given up may go on for ever, and fail whatever comes after it.
  if (isSpoilt && !last.failure.includes('timed out in')) {
    throw new Error(`${last.id} fails without a mutant: ${last.failure}`);
  }
  return { status: 'killed', killedBy: [last.id], failureMessage: last.failure, nrOfTests };
}

export const strykerPlugins = [
  { kind: 'TestRunner', name: 'resident', injectableClass: ResidentRunner },
];
