import { describe, expect, test } from 'vitest';
import { attach } from '../../../src/index.ts';
import { attachedBench, userOfQuery } from '../support/attached.ts';
import { bench } from '../support/bench.ts';
import { openConnections } from '../support/loopback.ts';
import { sleep, until } from '../support/waiting.ts';

describe('unfinished request headers', () => {
  test('request headers that never finish are answered with 408 after headersTimeoutMs', async () => {
    await using made = await attachedBench({ headersTimeoutMs: 40 });

    const answer = await made.bench.exchange('GET / HTTP/1.1\r\nHost: x\r\n');

    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    await until(async () => (await openConnections(made.server)) === 0);
  });

  test('the header deadline does not concern a request that is being answered, nor an upgrade', async () => {
    await using made = await attachedBench({ headersTimeoutMs: 800 });
    made.server.on('request', (_request, response) => {
      setTimeout(() => response.end('late'), 1_000);
    });
    const client = made.bench.client('/?user=ada');

    const answer = await made.bench.exchange(
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    await sleep(20);

    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(client.readyState).toBe(client.OPEN);
  });

  test('the header deadline is left to the server when that is stricter', async () => {
    await using made = await bench();
    made.server.headersTimeout = 1_000;
    const before = made.server.listenerCount('connection');

    const attachment = attach(made.registry, {
      server: made.server,
      webSocketServer: made.webSocketServer,
      authenticate: userOfQuery,
    });

    expect(made.server.listenerCount('connection')).toBe(before);
    await attachment.detach();
  });
});
