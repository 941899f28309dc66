/** Whose an upgrade is by its path, what those are told who are nobody's, and what a door leaves behind. */
import { describe, expect, test } from 'vitest';
import type { HookErrorEvent } from '../../src/index.ts';
import { attempt, door, doors, once, upgradeText } from './support.ts';

/** Says yes, later. */
const promised = (async () => true) as unknown as () => boolean;

describe('a path check', () => {
  test('that says true lets in, also without a header deadline', async () => {
    await using made = await door({ path: () => true, headersTimeoutMs: 0 });

    expect((await attempt(made.bench.client('/any?user=ada'))).status).toBe(101);
    expect(made.registry.count('ada')).toBe(1);
  });

  test('that says something that is not true does not', async () => {
    await using made = await door({ path: (() => 'yes') as unknown as () => boolean });

    expect(await made.bench.exchange(upgradeText('/any?user=ada'))).toMatch(
      /^HTTP\/1\.1 404 Not Found\r\n.*\r\n\r\nNot found\n$/s,
    );
  });

  test('that gives a promise is refused, and it is said why', async () => {
    await using made = await door({ path: promised });
    const reported = once<HookErrorEvent>(made.registry, 'hookError');

    expect(await made.bench.exchange(upgradeText('/any?user=ada'))).toMatch(
      /^HTTP\/1\.1 503 .*\r\n\r\nThe check failed\n$/s,
    );
    expect(await reported).toMatchObject({
      hook: 'path',
      error: { message: expect.stringContaining('promise') },
    });
  });

  test('that fails is no reason to ask the next door', async () => {
    await using made = await doors([promised, '/chat']);
    made.made.registry.on('hookError', () => {});

    expect((await attempt(made.made.client('/chat?user=ada'))).status).toBe(503);
  });
});

describe('a door that is taken off', () => {
  test('tells who was still being asked when to come back, and leaves no listener', async () => {
    let ask = (): void => {};
    const asked = new Promise<void>((resolve) => {
      ask = resolve;
    });
    await using made = await door({
      authenticate: () => {
        ask();
        return new Promise(() => {});
      },
    });
    const answer = made.bench.exchange(upgradeText('/?user=ada'));
    await asked;

    await made.attachment.detach();

    expect(await answer).toMatch(
      /^HTTP\/1\.1 503 .*Retry-After: 5\r\n\r\nThe server is going away\n$/s,
    );
    expect(made.webSocketServer.listenerCount('headers')).toBe(0);
    expect(made.server.listenerCount('upgrade')).toBe(0);
  });
});
