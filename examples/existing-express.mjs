// An Express + ws server as there are many, and the seven lines that put the registry into it.
import { createServer } from 'node:http';
import express from 'express';
import { attach, WebSocketManagerRegistry } from 'leaktight'; // 1
import { WebSocketServer } from 'ws';

/** Your session or token check, as it is. */
function userOf(request) {
  return request.headers.authorization?.match(/^Bearer (\w+)$/)?.[1];
}

const app = express();
app.get('/', (_request, response) => response.send('hello'));
const server = createServer(app);

const wss = new WebSocketServer({ noServer: true }); // 2, it was { server }
wss.on('connection', (socket, request) => {
  socket.on('message', (data) => socket.send(`${userOf(request)}: ${data}`));
});

const registry = new WebSocketManagerRegistry(); // 3
const authenticate = (request) => userOf(request) && { userId: userOf(request) }; // 4
const onConnection = ({ socket }, request) => wss.emit('connection', socket, request); // 5
attach(registry, { server, webSocketServer: wss, authenticate, onConnection }); // 6
process.once('SIGTERM', () => registry.shutdown().then(() => server.close(() => process.exit()))); // 7

server.listen(Number(process.env.PORT ?? 8080), () => {
  console.log(`listening on ${server.address().port}`);
});
