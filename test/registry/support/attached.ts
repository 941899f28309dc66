/** A registry that is attached to a real server. Holds no assertions. */
import type http from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { type AttachOptions, attach, type RegistryOptions } from '../../../src/index.ts';
import { type Bench, bench } from './bench.ts';

export type AttachChoices = Partial<Omit<AttachOptions, 'server' | 'webSocketServer'>>;

/** A bench with `attach`. By default the query parameter `user` authenticates the request. */
export async function attachedBench(
  options: AttachChoices = {},
  registryOptions: RegistryOptions = {},
) {
  const made = await bench(registryOptions);
  const attachment = attach(made.registry, {
    server: made.server,
    webSocketServer: made.webSocketServer,
    authenticate: userOfQuery,
    ...options,
  });
  return {
    ...pick(made),
    attachment,
    async [Symbol.asyncDispose]() {
      await made[Symbol.asyncDispose]();
      await attachment.detach();
    },
  };
}

/** A bench with one `attach` for each path, each with a `WebSocketServer` of its own. */
export async function benchWithPaths(paths: readonly AttachOptions['path'][]) {
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

function pick(made: Bench) {
  return {
    bench: made,
    registry: made.registry,
    server: made.server,
    webSocketServer: made.webSocketServer,
  };
}

export function userOfQuery(request: http.IncomingMessage) {
  const userId = new URL(request.url ?? '', 'http://localhost').searchParams.get('user');
  return userId === null ? undefined : { userId };
}

/** How a client's attempt ended: an open socket, or the status and headers of a refusal. */
export function attempt(client: WebSocket): Promise<{
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
}> {
  return new Promise((resolve) => {
    client.once('upgrade', (response) => resolve({ status: 101, headers: response.headers }));
    client.once('unexpected-response', (_request, response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
    });
    client.once('error', () => resolve({ status: 0, headers: {} }));
  });
}
