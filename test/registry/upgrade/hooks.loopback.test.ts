/** Hooks of an upgrade that answer with odd promises. */
import { expect, test } from 'vitest';
import type { AttachOptions } from '../../../src/index.ts';
import { attachedBench, attempt } from '../support/attached.ts';
import { namesOf, record } from '../support/events.ts';
import { upgradeText } from '../support/loopback.ts';
import { expectNoUnhandledRejections } from '../support/unhandled-rejections.ts';
import { until } from '../support/waiting.ts';

expectNoUnhandledRejections();

/** As a hook of plain JavaScript would: a `then` that no promise has. */
function thenable(then: unknown): never {
  return { then } as never;
}

test('a path predicate whose promise rejects is reported and refuses the upgrade', async () => {
  const path = (() => Promise.reject(new Error('late'))) as unknown as AttachOptions['path'];
  await using made = await attachedBench({ path });
  const events = record(made.registry);

  const answer = await made.bench.exchange(upgradeText('/?user=ada'));

  expect(answer).toMatch(/^HTTP\/1\.1 503 /);
  await until(() => namesOf(events).includes('hookError'));
  expect(events.map(({ event }) => event)).toContainEqual({
    hook: 'path',
    error: new Error('late'),
  });
});

test('a hook that answers with a promise of a promise that never settles is bounded', async () => {
  await using made = await attachedBench({
    authenticationTimeoutMs: 60,
    authenticate: () => thenable((settle: (value: unknown) => void) => settle(thenable(() => {}))),
  });

  expect(await made.bench.exchange(upgradeText('/'))).toMatch(/^HTTP\/1\.1 503 /);

  await made.attachment.detach();
});

test('a hook whose promise rejects and then throws is reported once', async () => {
  await using made = await attachedBench({
    authenticate: () =>
      thenable((_: unknown, refuse: (error: unknown) => void) => {
        refuse(new Error('first'));
        throw new Error('second');
      }),
  });
  const events = record(made.registry);

  expect(await made.bench.exchange(upgradeText('/'))).toMatch(/^HTTP\/1\.1 503 /);

  expect(events.filter(({ name }) => name === 'hookError').map(({ event }) => event)).toEqual([
    { hook: 'authenticate', error: new Error('first') },
  ]);
});

test.each(['detach', 'shutdown'] as const)(
  'a listener that calls %s while an upgrade is being refused does no harm',
  async (what) => {
    await using made = await attachedBench({}, { maxManagers: 1 });
    await attempt(made.bench.client('/?user=ada'));
    made.registry.on('limitReached', () => {
      if (what === 'detach') void made.attachment.detach();
      else void made.registry.shutdown({ drainMs: 20 });
    });

    const { status } = await attempt(made.bench.client('/?user=bob'));

    expect(status).toBe(503);
  },
);

test('a hook that detaches and then rejects does no harm', async () => {
  await using made = await attachedBench({
    authenticate: () => {
      void made.attachment.detach();
      return Promise.reject(new Error('late'));
    },
  });

  expect((await attempt(made.bench.client('/?user=ada'))).status).toBe(503);
});
