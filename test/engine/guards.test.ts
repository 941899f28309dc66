/** A run that would never end is ended, and what did it is named. */
import { expect, test } from 'vitest';
import { realNowMs } from '../../sim/engine/real-time.ts';
import { unlessStopped } from '../../sim/run/unless-stopped.ts';
import { now, run, runClean } from '../run/support.ts';

const few = { eventsPerInstantMax: 1_000 };
const soon = { hangAfterMs: 200 };
const never = (): void => {
  for (;;);
};

test('immediates without end are a livelock, and the host is named', async () => {
  const again = () => void setImmediate(again);

  const outcome = await run({ idle: () => {}, busy: () => void setTimeout(again, 7) }, few);

  expect(outcome.failure).toMatchObject({
    invariant: 'virtual time goes on',
    detail: expect.stringMatching(/1000 events at virtual millisecond 7 .*immediate busy/),
    atMs: 7,
  });
});

test('a storm of immediates that promises drive is a livelock', async () => {
  const storm = async () => {
    for (;;) await new Promise((resolve) => setImmediate(resolve));
  };

  const outcome = await run({ busy: () => void storm() }, few);

  expect(outcome.verdict).toBe('crashed');
  expect(outcome.failure?.invariant).toBe('virtual time goes on');
});

test('timeouts of zero in a chain take a millisecond each, and are no livelock', async () => {
  let count = 0;
  const again = () => {
    count += 1;
    setTimeout(again, 0);
  };

  await runClean({ busy: again }, { ...few, durationMs: 5_000 });

  expect(count).toBe(5_001);
});

test('many timers of one instant are no livelock below the bound', async () => {
  let count = 0;
  const many = () => {
    for (let index = 0; index < 900; index++) setTimeout(() => (count += 1), 5);
  };

  await runClean({ busy: many }, few);

  expect(count).toBe(900);
});

for (const [where, hang] of Object.entries<() => void>({
  'a timer': () => void setTimeout(never, 20),
  'a microtask': () => void setTimeout(() => queueMicrotask(never), 20),
  'a tick': () => void setTimeout(() => process.nextTick(never), 20),
  'ticks that make ticks': () => {
    const again = () => process.nextTick(again);
    setTimeout(again, 20);
  },
  'microtasks that make microtasks': () => {
    const again = () => queueMicrotask(again);
    setTimeout(again, 20);
  },
})) {
  test(`a loop without end in ${where} is a hang, and the event is named`, async () => {
    // As every run is made: on a machine that has just become busy, the guard learns by how much in the first one.
    const outcome = await unlessStopped(() => run({ idle: () => {}, stuck: hang }, soon));

    expect(outcome.verdict).toBe('crashed');
    expect(outcome.failure).toMatchObject({
      invariant: 'every event ends',
      detail: expect.stringMatching(
        /did not return within 200 milliseconds of CPU time: \d+ timer stuck/,
      ),
      atMs: 20,
    });
  });
}

test('an event that waits for ever is ended, and not taken for one that runs for ever', async () => {
  const wait = () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);

  const outcome = await run({ stuck: () => void setTimeout(wait, 20) }, { hangAfterMs: 1_000 });

  expect(outcome.verdict).toBe('crashed');
  expect(outcome.failure).toMatchObject({
    invariant: 'the process is left running',
    detail: expect.stringMatching(
      /of its 1000 milliseconds of CPU time the process ran for \d+: it was stopped, or waits for something: \d+ timer stuck/,
    ),
    atMs: 20,
  });
});

test('after a hang the next run is as good as any', async () => {
  const boot = () => void setTimeout(() => {}, 20);
  const before = await runClean({ a: boot });

  await run({ a: () => void setTimeout(never, 20) }, soon);

  expect(await runClean({ a: boot })).toEqual(before);
});

test('many quick events may together take longer than one may', async () => {
  let count = 0;
  const spin = () => {
    const realUntilMs = realNowMs() + 15;
    while (realNowMs() < realUntilMs);
    count += 1;
  };

  await runClean({ a: () => void setInterval(spin, 1) }, { hangAfterMs: 1_000, durationMs: 100 });

  expect(count).toBe(100);
});

test('real time that passes during an event is no virtual time', async () => {
  const seen: number[] = [];
  const realUntilMs = realNowMs() + 30;
  const spin = () => {
    seen.push(now());
    while (realNowMs() < realUntilMs);
    seen.push(now());
  };

  await runClean({ a: () => void setTimeout(spin, 5) });

  expect(seen).toEqual([5, 5]);
});
