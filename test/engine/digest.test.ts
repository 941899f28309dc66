/** What the digest sees, and what it does not: on the trace itself, and on a small system. */
import net from 'node:net';
import { expect, test } from 'vitest';
import { beforeTimers } from '../../sim/engine/event-queue.ts';
import { type EventKind, Trace } from '../../sim/engine/trace.ts';
import type { SimulateOptions } from '../../sim/run/simulate-system.ts';
import type { World } from '../../sim/run/world.ts';
import { type RunOptions, run, runClean, traced } from '../run/support.ts';

interface Step {
  readonly kind: EventKind;
  readonly atMs: number;
  readonly id: number;
  readonly bytes?: string;
}

const host = { name: 'a', ordinal: 0 };

function digestOf(steps: readonly Step[], incarnation = 1): string {
  const trace = new Trace();
  steps.forEach(({ kind, atMs, id, bytes }, index) => {
    trace.add(index + 1, atMs, kind, host, incarnation, index, id, Buffer.from(bytes ?? ''));
  });
  return trace.digest();
}

const steps: Step[] = [
  { kind: 'segment', atMs: 5, id: 1, bytes: 'hello' },
  { kind: 'timer', atMs: 5, id: 1 },
  { kind: 'timer', atMs: 5, id: 2 },
  { kind: 'segment', atMs: 6, id: 1, bytes: 'world' },
];

function changed(index: number, change: Partial<Step>): Step[] {
  return steps.map((step, at) => (at === index ? { ...step, ...change } : step));
}

test('the same events give the same digest', () => {
  expect(digestOf(steps)).toBe(digestOf([...steps]));
  expect(digestOf(steps)).toMatch(/^[0-9a-f]{64}$/);
});

for (const [what, other] of Object.entries<Step[]>({
  'one flipped bit of a wire byte': changed(0, { bytes: 'hellm' }),
  'two swapped events of one instant': [0, 2, 1, 3].flatMap((index) => steps[index] ?? []),
  'one lost chunk': steps.slice(0, 3),
  'a chunk that arrives later': changed(3, { atMs: 7 }),
  'a chunk cut elsewhere': [...changed(0, { bytes: 'hell' }), ...changed(0, { bytes: 'o' })],
  'another kind of event': changed(1, { kind: 'immediate' }),
  'another timer': changed(1, { id: 3 }),
  'a chunk that is lost instead of delivered': changed(3, { kind: 'lost' }),
})) {
  test(`${what} changes the digest of a trace`, () => {
    expect(digestOf(other)).not.toBe(digestOf(steps));
  });
}

test('host, incarnation and cause are in the digest of a trace', () => {
  const digests = [
    { host, incarnation: 1, cause: 0 },
    { host: { name: 'b', ordinal: 1 }, incarnation: 1, cause: 0 },
    { host: undefined, incarnation: 1, cause: 0 },
    { host, incarnation: 2, cause: 0 },
    { host, incarnation: 1, cause: 1 },
  ].map((event) => {
    const trace = new Trace();
    trace.add(2, 0, 'timer', event.host, event.incarnation, event.cause, 1);
    return trace.digest();
  });

  expect(new Set(digests).size).toBe(5);
});

test('long traces and long segments are hashed to the last byte', () => {
  const long = Array.from({ length: 5_000 }, (_, id): Step => ({ kind: 'timer', atMs: id, id }));
  const segment: Step = { kind: 'segment', atMs: 9_999, id: 1, bytes: 'x'.repeat(200_000) };
  const other: Step = { ...segment, bytes: `${'x'.repeat(199_999)}y` };

  expect(digestOf([...long, segment])).not.toBe(digestOf([...long, other]));
  expect(digestOf([...long, segment])).toBe(digestOf([...long, { ...segment }]));
  expect(digestOf([...long, segment].toSpliced(4_000, 1))).not.toBe(digestOf([...long, segment]));
});

/** Two timers of one instant, and a message from one host to the other. */
function system(first: number, second: number, message = 'hello') {
  return {
    server: () => void net.createServer((socket) => void socket.resume()).listen(80),
    client: () => {
      const socket = net.connect(80, 'server');
      setTimeout(() => socket.write(message), first);
      setTimeout(() => {}, second);
    },
  };
}

function digestOfRun(hosts = system(20, 30), options: RunOptions & SimulateOptions = {}) {
  return runClean(hosts, options).then(({ digest }) => digest);
}

test('one flipped bit on the wire changes the digest of a run', async () => {
  expect(await digestOfRun(system(20, 30, 'hellm'))).not.toBe(await digestOfRun());
});

test('two swapped events of one instant change the digest of a run', async () => {
  const sameInstant = (order: readonly string[]) => (world: World) => {
    for (const name of order) {
      const id = name.length;
      const { process: owner } = world.host('client');
      world.schedule({ kind: 'action', atMs: 50, side: beforeTimers, owner, id, fire() {} });
    }
  };

  const swapped = await digestOfRun(undefined, { at: { 9: sameInstant(['bb', 'a']) } });

  expect(swapped).not.toBe(await digestOfRun(undefined, { at: { 9: sameInstant(['a', 'bb']) } }));
});

test('one lost chunk changes the digest of a run', async () => {
  const silence = (world: World) => void world.network.silence(world.host('client'));
  const whole = await traced(system(20, 30), { at: { 500: silence } });
  const lost = await traced(system(20, 30), { at: { 20: silence } });

  expect(whole.trace.map(({ kind }) => kind)).not.toContain('lost');
  expect(lost.trace.map(({ kind }) => kind)).toContain('lost');
  expect(lost.outcome.wireBytes).toBe(0);
  expect(whole.outcome.wireBytes).toBe(5);
  expect(lost.outcome.digest).not.toBe(whole.outcome.digest);
});

test('the seed itself is not in the digest', async () => {
  const timers = { a: () => void setInterval(() => {}, 10) };

  const [one, two] = [await run(timers, { seed: 1 }), await run(timers, { seed: 2 })];

  expect(one.events).toBeGreaterThan(100);
  expect(two.digest).toBe(one.digest);
});

test('what is drawn from the seed shows in the digest where it reaches the wire', async () => {
  const draw = { a: () => void setTimeout(() => {}, 1 + 100 * Math.random()) };

  expect(await digestOfRun(draw as never, { seed: 1 })).not.toBe(
    await digestOfRun(draw as never, { seed: 2 }),
  );
});
