import { expect, test, vi } from 'vitest';
import { WebSocketManagerRegistry } from '../../../src/index.ts';
import { Sweep } from '../../../src/liveness/sweep.ts';
import { EventDispatcher } from '../../../src/telemetry/event-dispatcher.ts';
import { bench, contextOf } from '../support/bench.ts';
import { record } from '../support/events.ts';
import { sleep, until } from '../support/waiting.ts';

test('a sweep removes managers whose timer never came', async () => {
  await using made = await bench({ reconnectGraceMs: 20, birthGraceMs: 20, sweepIntervalMs: 60 });
  const { registry } = made;
  const realSet = globalThis.setTimeout;
  let lost = 0;
  vi.stubGlobal(
    'setTimeout',
    Object.assign((call: () => void, ms = 0, ...args: []) => {
      // The timer of the removals is lost; the longer one of the sweep is not.
      if (ms > 10 && ms < 40) lost += 1;
      return realSet(ms > 10 && ms < 40 ? () => {} : call, ms, ...args);
    }, realSet),
  );
  const manager = await registry.acquire(contextOf('ada', 'tab-1'));
  vi.unstubAllGlobals();
  const events = record(registry);

  await until(() => registry.size === 0);

  expect(lost).toBe(1);
  expect(manager.state).toBe('closed');
  expect(events.map(({ name }) => name)).toEqual([
    'managerClosing',
    'managerRemoved',
    'sweepFinished',
  ]);
  expect(events[2]?.event).toMatchObject({ managers: 1, messages: 0, accounts: 0 });
});

test('a part of a sweep that throws is reported, the other parts run, and so does the next sweep', async () => {
  await using made = await bench();
  const events = record(made.registry);
  const dispatcher = new EventDispatcher(made.registry, undefined);
  let messages = 0;
  const sweep = new Sweep(10, dispatcher, {
    managers: () => {
      throw new Error('broken');
    },
    messages: () => ++messages,
    accounts: () => 0,
  });

  sweep.start();
  await until(() => messages >= 3);
  sweep.stop();

  expect(events[0]).toMatchObject({ name: 'hookError', event: { hook: 'sweep' } });
  expect(events[1]).toMatchObject({ name: 'sweepFinished', event: { managers: 0, messages: 1 } });
});

test('a call of sweep runs one now and returns what it found', async () => {
  await using made = await bench({ proactiveCooldownMs: 10 });
  const { registry } = made;
  await registry.acquire(contextOf('ada', 'tab-1'));
  // An account without managers that rests because of its cooldown.
  await registry.cleanup('bob');
  await sleep(20);

  expect(registry.sweep()).toMatchObject({ managers: 0, messages: 0, accounts: 1 });
  expect(registry.stats().sweeps).toBe(1);
});

test('a sweep of many managers of which none expires costs next to nothing', async () => {
  const registry = new WebSocketManagerRegistry({ maxManagersPerUser: 100_000 });
  for (let client = 0; client < 20_000; client += 1) {
    await registry.acquire(contextOf('ada', `tab-${client}`));
  }

  const cheapest = Math.min(...Array.from({ length: 200 }, () => registry.sweep().durationMs));

  // A look at 20,000 managers takes longer than this on any machine.
  expect(cheapest).toBeLessThan(0.1);
  await registry.shutdown({ drainMs: 0 });
});
