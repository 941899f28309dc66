import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect, test } from 'vitest';
import { bench, contextOf } from '../support/bench.ts';

test('an event is published after the listeners were called, with the object that they got', async () => {
  await using made = await bench();
  const order: [string, unknown][] = [];
  const onMessage = (message: unknown, name: string | symbol) =>
    order.push([String(name), message]);
  subscribe('leaktight:manager-created', onMessage);
  subscribe('leaktight:manager-removed', onMessage);
  made.registry.on('managerCreated', (event) => {
    order.push(['listener', event]);
  });

  const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
  await made.registry.release(manager);
  unsubscribe('leaktight:manager-created', onMessage);
  unsubscribe('leaktight:manager-removed', onMessage);

  expect(order.map(([name]) => name)).toEqual([
    'listener',
    'leaktight:manager-created',
    'leaktight:manager-removed',
  ]);
  expect(order[1]?.[1]).toBe(order[0]?.[1]);
});

test('an event is not published without subscribers', async () => {
  await using made = await bench();
  let heard = 0;
  const onMessage = () => {
    heard += 1;
  };
  subscribe('leaktight:manager-created', onMessage);
  unsubscribe('leaktight:manager-created', onMessage);

  await made.registry.acquire(contextOf('ada', 'tab-1'));

  expect(heard).toBe(0);
});
