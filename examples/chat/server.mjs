// A chat: every browser tab is a thread of its own, two tabs of one thread share a manager. One HTML file, no build.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { attach, WebSocketManagerRegistry } from 'leaktight';
import { WebSocketServer } from 'ws';

/** Signs the cookie with the user's name. The same on every server, and after a restart. */
const secret = process.env.CHAT_SECRET ?? 'only to try it out';
const historyMax = 100;

const registry = new WebSocketManagerRegistry({
  maxManagersPerUser: Number(process.env.CHAT_TABS ?? 20),
  identitySecret: secret,
});

/** The messages of a thread by isolation key. They are deleted with the manager, or they would be a leak. */
const histories = new Map();
registry.on('managerRemoved', ({ isolationKey }) => histories.delete(isolationKey));

const server = createServer(async (request, response) => {
  try {
    await route(request, response);
  } catch (error) {
    console.error(error);
    response.writeHead(500).end();
  }
});

attach(registry, {
  server,
  webSocketServer: new WebSocketServer({ noServer: true, maxPayload: 16_384 }),
  path: '/socket',
  // A browser sends the cookie with every request, also with one from a page of another site.
  checkOrigin: (origin, { headers }) => origin?.replace(/^https?:\/\//, '') === headers.host,
  authenticate: (request) => {
    const userId = userOf(request);
    return userId === undefined ? null : { userId };
  },
  refuseWith: 'close', // 1013, since a browser cannot read the status of an upgrade.
  onConnection: ({ manager, socket }) => {
    const { userId, threadId, websocketClientId } = manager.context;
    const history = historyOf(manager);
    // A browser cannot read the headers of the upgrade either: the welcome repeats the client id.
    const limit = registry.options.maxManagersPerUser;
    tell(socket, { kind: 'welcome', userId, threadId, websocketClientId, limit, history });
    socket.on('message', (data) => say(manager, 'you', String(data)));
    tellTabs(userId);
  },
});

for (const name of ['connectionClosed', 'managerRemoved']) {
  registry.on(name, ({ userId }) => tellTabs(userId));
}

function say(manager, from, text) {
  // A frame may arrive while the manager is closing.
  if (manager.state !== 'open') return;
  const history = historyOf(manager);
  const message = { id: crypto.randomUUID(), from, text: text.slice(0, 2_000), at: Date.now() };
  history.push(message);
  if (history.length > historyMax) history.shift();
  manager.send(JSON.stringify({ kind: 'message', message }));
  if (from === 'you') say(manager, 'bot', answerTo(text));
}

/** The other side of the conversation. Yours would be a model, or a person. */
function answerTo(text) {
  const words = text.trim().split(/\s+/).length;
  return `You said “${text.slice(0, 200)}”, in ${words === 1 ? 'one word' : `${words} words`}.`;
}

function historyOf({ isolationKey }) {
  const history = histories.get(isolationKey) ?? [];
  histories.set(isolationKey, history);
  return history;
}

/** Tells every tab of a user which others there are. */
function tellTabs(userId) {
  const managers = registry.managers(userId);
  const tabs = managers.map(({ context, state, connections }) => ({
    threadId: context.threadId,
    state,
    connections: connections.size,
  }));
  // Only to open connections: `manager.send` would queue the list, and it is stale when the client comes back.
  for (const { connections } of managers) {
    for (const { state, socket } of connections.values()) {
      if (state === 'open') tell(socket, { kind: 'tabs', tabs });
    }
  }
}

function tell(socket, message) {
  socket.send(JSON.stringify(message));
}

async function route(request, response) {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (request.method === 'GET' && pathname === '/') {
    const page = await readFile(new URL('index.html', import.meta.url));
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  } else if (request.method === 'GET' && pathname === '/session') {
    const userId = userOf(request);
    response.writeHead(userId === undefined ? 401 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ userId }));
  } else if (request.method === 'POST' && pathname === '/session') {
    const name = (await readBody(request)).trim();
    if (!/^[\w-]{1,32}$/.test(name)) return response.writeHead(400).end();
    const cookie = `session=${name}.${signatureOf(name)}; HttpOnly; SameSite=Strict; Path=/`;
    response.writeHead(204, { 'set-cookie': cookie }).end();
  } else {
    response.writeHead(404).end();
  }
}

async function readBody(request) {
  let body = '';
  for await (const chunk of request) {
    body += chunk;
    if (body.length > 1_024) break;
  }
  return body;
}

/** Any client may take any name here: check a password before you sign a name. */
function signatureOf(name) {
  return createHmac('sha256', secret).update(name).digest('base64url');
}

function userOf({ headers }) {
  const [, name = '', signature = ''] =
    /(?:^|; )session=([\w-]{1,32})\.([\w-]{43})(?:;|$)/.exec(headers.cookie ?? '') ?? [];
  if (name === '') return undefined;
  return timingSafeEqual(Buffer.from(signature), Buffer.from(signatureOf(name))) ? name : undefined;
}

process.once('SIGTERM', async () => {
  server.close();
  await registry.shutdown({ drainMs: 10_000 });
  process.exit();
});
server.listen(Number(process.env.PORT ?? 8080), () => {
  console.log(`listening on ${server.address().port}`);
});
