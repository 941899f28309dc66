import { expect, test } from 'vitest';
import { attempt, doors, sleep, until, upgradeText } from './support.ts';

test('each takes its own path', async () => {
  await using two = await doors(['/chat', '/feed']);
  const { made } = two;

  expect((await attempt(made.client('/chat?user=ada'))).status).toBe(101);
  expect((await attempt(made.client('/feed?user=bob'))).status).toBe(101);

  await until(() => made.registry.size === 2);
});

test('an upgrade that neither takes is answered once, with 404', async () => {
  await using two = await doors(['/chat', '/feed']);

  const answer = await two.made.exchange(upgradeText('/nowhere'));

  expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  expect(answer).toContain('HTTP/1.1 404 Not Found');
});

test('it is left alone when somebody else listens too', async () => {
  await using two = await doors(['/chat', '/feed']);
  const { made } = two;
  made.server.on('upgrade', (request, socket) => {
    if (request.url === '/other') socket.end('HTTP/1.1 418 I am a teapot\r\n\r\n');
  });

  expect(await made.exchange(upgradeText('/other'))).toContain('418');
});

test('when one has gone the other answers', async () => {
  await using two = await doors(['/chat', '/feed']);
  await two.attachments[0]?.detach();

  expect(await two.made.exchange(upgradeText('/chat'))).toContain('404');
  await two.attachments[1]?.detach();
  await sleep(1);
  expect(two.made.server.listenerCount('upgrade')).toBe(0);
});
