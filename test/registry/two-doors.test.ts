import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { attach } from '../../src/index.ts';
import { attempt, bench, sleep, until, upgradeText, userOfQuery } from './support.ts';

async function twoDoors(paths: readonly [string, string] = ['/chat', '/feed']) {
  const made = await bench();
  const attachments = paths.map((path) =>
    attach(made.registry, {
      server: made.server,
      webSocketServer: new WebSocketServer({ noServer: true }),
      authenticate: userOfQuery,
      path,
    }),
  );
  return {
    made,
    attachments,
    async [Symbol.asyncDispose]() {
      await made[Symbol.asyncDispose]();
      for (const attachment of attachments) await attachment.detach();
    },
  };
}

test('each takes its own path', async () => {
  await using doors = await twoDoors();
  const { made } = doors;

  expect((await attempt(made.client('/chat?user=ada'))).status).toBe(101);
  expect((await attempt(made.client('/feed?user=bob'))).status).toBe(101);

  await until(() => made.registry.size === 2);
});

test('an upgrade that neither takes is answered once, with 404', async () => {
  await using doors = await twoDoors();

  const answer = await doors.made.exchange(upgradeText('/nowhere'));

  expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  expect(answer).toContain('HTTP/1.1 404 Not Found');
});

test('it is left alone when somebody else listens too', async () => {
  await using doors = await twoDoors();
  const { made } = doors;
  made.server.on('upgrade', (request, socket) => {
    if (request.url === '/other') socket.end('HTTP/1.1 418 I am a teapot\r\n\r\n');
  });

  expect(await made.exchange(upgradeText('/other'))).toContain('418');
});

test('when one has gone the other answers', async () => {
  await using doors = await twoDoors();
  await doors.attachments[0]?.detach();

  expect(await doors.made.exchange(upgradeText('/chat'))).toContain('404');
  await doors.attachments[1]?.detach();
  await sleep(1);
  expect(doors.made.server.listenerCount('upgrade')).toBe(0);
});
