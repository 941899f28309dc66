/**
 * Loads the tests once and then runs them for one mutant after the other, as the runner asks. To load them anew for each
 * mutant takes more than ten times as long.
 */
import {
  describe,
  type RunnerTask,
  type RunnerTestCase,
  type RunnerTestSuite,
  test,
  vi,
} from 'vitest';
import { getFn, getHooks } from 'vitest/suite';
import { groupNamed } from './groups.ts';
import { CHANNEL, type Hits, type Ran, type Reply, type Request } from './protocol.ts';

/** Where the instrumented code looks up the active mutant, and notes what was reached. */
interface Namespace {
  activeMutant?: string | undefined;
  currentTestId?: string | undefined;
  hitCount?: number | undefined;
  hitLimit?: number | undefined;
  mutantCoverage?: { static: Hits; perTest: Record<string, Hits> };
}

const loop: { __stryker__?: Namespace } = globalThis as object;
loop.__stryker__ ??= {};
const mutants = loop.__stryker__;

const SERVE = 'serves mutants';
// A mutant that keeps a test waiting fails it.
vi.setConfig({ testTimeout: 3_500, hookTimeout: 3_500 });
for (const file of groupNamed(process.env.LEAKTIGHT_MUTATION_GROUP).tests) {
  describe(file, async () => {
    await import(/* @vite-ignore */ `../../${file}`);
  });
}

// Of the real clock: a test that is given up leaves its own behind.
const { setImmediate: soon } = globalThis;
const { now } = performance;
const nextTurn = (): Promise<void> => new Promise((resolve) => soon(resolve));

test(SERVE, { timeout: 0 }, async ({ task }) => {
  const tests = new Map(testsIn(task.file).map((each) => [idOf(each), each]));
  tests.delete(SERVE);
  const channel = new BroadcastChannel(CHANNEL);
  const reply = (said: Reply): void => channel.postMessage(said);
  await new Promise<void>((resolve) => {
    channel.onmessage = async ({ data }) => {
      const request = data as Request;
      if (request.kind === 'all') reply(await runAll(tests));
      else if (request.kind === 'mutant') reply(await runMutant(tests, request));
      else resolve();
    };
    reply({ kind: 'ready' });
  });
  channel.close();
});

async function runAll(tests: ReadonlyMap<string, RunnerTestCase>): Promise<Reply> {
  const ran: Ran[] = [];
  mutants.activeMutant = undefined;
  for (const [id, each] of tests) {
    mutants.currentTestId = id;
    ran.push(await run(id, each));
    mutants.currentTestId = undefined;
  }
  const reached = mutants.mutantCoverage ?? { static: {}, perTest: {} };
  return { kind: 'all', tests: ran, reached };
}

async function runMutant(
  tests: ReadonlyMap<string, RunnerTestCase>,
  { mutant, tests: wanted, hitsMax }: Request & { kind: 'mutant' },
): Promise<Reply> {
  const ran: Ran[] = [];
  let isSpoilt = false;
  mutants.hitCount = 0;
  mutants.hitLimit = hitsMax;
  const chosen = wanted === undefined ? tests.keys() : inOrder(tests, wanted);
  for (const id of chosen) {
    const each = tests.get(id);
    if (each === undefined) throw new Error(`there is no test ${id}`);
    mutants.activeMutant = mutant;
    const result = await run(id, each);
    mutants.activeMutant = undefined;
    ran.push(result);
    if (result.failure === undefined) continue;
    // A test that fails without its mutant says nothing of it.
    isSpoilt = (await run(id, each)).failure !== undefined;
    break;
  }
  return { kind: 'mutant', tests: ran, hits: mutants.hitCount, isSpoilt };
}

async function run(id: string, each: RunnerTestCase): Promise<Ran> {
  const startedAtMs = performance.now();
  const failures: unknown[] = [];
  const onUncaught = (error: unknown): void => void failures.push(error);
  process.on('uncaughtException', onUncaught);
  process.on('unhandledRejection', onUncaught);
  try {
    for (const hook of hooksOf(each, 'beforeEach')) await hook(each.context, each.suite);
    await getFn(each)();
  } catch (error) {
    failures.push(error);
  }
  try {
    for (const hook of hooksOf(each, 'afterEach')) await hook(each.context, each.suite);
  } catch (error) {
    failures.push(error);
  }
  vi.useRealTimers();
  performance.now = now;
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  // An error that the test left behind belongs to its mutant.
  await nextTurn();
  process.off('uncaughtException', onUncaught);
  process.off('unhandledRejection', onUncaught);
  const durationMs = performance.now() - startedAtMs;
  return failures.length === 0
    ? { id, durationMs }
    : { id, durationMs, failure: show(failures[0]) };
}

type Hook = (context: unknown, suite: unknown) => unknown;

function hooksOf(each: RunnerTestCase, when: 'beforeEach' | 'afterEach'): Hook[] {
  const hooks: Hook[] = [];
  for (let suite: RunnerTestSuite | undefined = each.suite; suite; suite = suite.suite) {
    const own = (getHooks(suite)[when] ?? []) as Hook[];
    if (when === 'beforeEach') hooks.unshift(...own);
    else hooks.push(...own);
  }
  return hooks;
}

function testsIn(task: RunnerTask): RunnerTestCase[] {
  if (task.type === 'test') return [task];
  return task.tasks.flatMap(testsIn);
}

function idOf(each: RunnerTask): string {
  const names = [each.name];
  for (let suite = each.suite; suite; suite = suite.suite) names.unshift(suite.name);
  return names.filter((part) => part !== '').join(' > ');
}

function inOrder(tests: ReadonlyMap<string, RunnerTestCase>, wanted: readonly string[]): string[] {
  const among = new Set(wanted);
  return [...tests.keys()].filter((id) => among.has(id));
}

function show(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 500) : String(error);
}
