import { WebSocket } from 'ws';

// 21 tabs of one user, each a thread of its own: the 21st is refused.
for (let tab = 1; tab <= 21; tab++) {
  const socket = new WebSocket(
    `ws://localhost:${process.env.PORT ?? 8080}/?websocketClientId=tab-${tab}`,
    {
      headers: { authorization: 'Bearer ada' },
    },
  );
  await new Promise((resolve) => {
    socket.on('open', () => socket.send(`hello from tab ${tab}`));
    socket.on('message', (data) => resolve(console.log(String(data))));
    socket.on('unexpected-response', (_request, { statusCode, headers }) => {
      resolve(console.log(`tab ${tab}: ${statusCode}, retry after ${headers['retry-after']} s`));
    });
  });
}
process.exit();
