import { expect, test } from 'vitest';
import { bench, contextOf } from '../support/bench.ts';
import { once, sleep } from '../support/waiting.ts';

test('send reaches every open connection of the manager and no other', async () => {
  await using made = await bench();
  const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
  const bystander = await made.registry.acquire(contextOf('bob', 'tab-1'));
  const [one, two, other] = [await made.pair(), await made.pair(), await made.pair()];
  manager.connect(one.socket);
  manager.connect(two.socket);
  bystander.connect(other.socket);
  let strayed = 0;
  other.client.on('message', () => {
    strayed += 1;
  });
  const received = [once(one.client, 'message'), once(two.client, 'message')];

  const sent = manager.send('hello');

  expect(sent).toBe(2);
  expect((await Promise.all(received)).map(String)).toEqual(['hello', 'hello']);
  expect(strayed).toBe(0);
});

test('connection.send sends to that connection only, and says whether it took the message', async () => {
  await using made = await bench();
  const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));
  const [one, two] = [await made.pair(), await made.pair()];
  const connection = manager.connect(one.socket);
  manager.connect(two.socket);
  let others = 0;
  two.client.on('message', () => {
    others += 1;
  });
  const heard = once(one.client, 'message');

  expect(connection.send('only you')).toBe(true);

  expect(String(await heard)).toBe('only you');
  await connection.release();
  expect(connection.send('too late')).toBe(false);
  await sleep(20);
  expect(others).toBe(0);
  expect(manager.queuedMessages).toBe(0);
});
