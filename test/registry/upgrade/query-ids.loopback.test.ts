/** The ids in the query of an upgrade. */
import { expect, test } from 'vitest';
import { attachedBench, attempt } from '../support/attached.ts';
import { upgradeText } from '../support/loopback.ts';

test('an id of ill-formed UTF-8 is refused with 400', async () => {
  await using made = await attachedBench();

  for (const bytes of ['%FF', '%ED%A0%80', 'a%C0%AFb']) {
    for (const name of ['websocketClientId', 'threadId']) {
      const answer = await made.bench.exchange(upgradeText(`/?user=ada&${name}=${bytes}`));
      expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 400 [\\s\\S]*Invalid ${name}\n$`));
    }
  }
  expect(made.registry.size).toBe(0);
});

test('an id that is a replacement character is accepted, also with ill-formed bytes elsewhere', async () => {
  await using made = await attachedBench();
  const id = encodeURIComponent('\uFFFD');

  const { status, headers } = await attempt(
    made.bench.client(`/?user=ada&token=%FF&websocketClientId=${id}&threadId=100%`),
  );

  expect(status).toBe(101);
  expect(headers['x-websocket-client-id']).toBe(id);
  expect(headers['x-thread-id']).toBe(encodeURIComponent('100%'));
});

test('an id of the query that is not used is not checked', async () => {
  await using made = await attachedBench({
    authenticate: () => ({ userId: 'ada', websocketClientId: 'tab-1', threadId: 'thread-1' }),
  });

  const { status } = await attempt(made.bench.client('/?websocketClientId=%FF&threadId=%FF'));

  expect(status).toBe(101);
});
