/**
 * The one server with the registry in it: `http.Server`, the real `ws`, the registry and `attach`, wired as the README
 * says. Nothing in it depends on the simulation. Its caller decides what the server does with its connections.
 */
import http from 'node:http';
import { WebSocketServer } from 'ws';
import type {
  AttachOptions,
  RegistryOptions,
  WebSocketManagerRegistry,
} from '../../../../src/index.ts';
import type { Library } from '../library.ts';

export interface RegistryServerOptions {
  readonly library: Library;
  readonly registry: RegistryOptions;
  readonly hooks: Omit<AttachOptions, 'server' | 'webSocketServer'>;
  readonly http?: http.ServerOptions;
  /** Answers requests that are no upgrade. @default they are not answered */
  readonly answer?: http.RequestListener;
  /** @default false */
  readonly perMessageDeflate?: boolean;
  /** Called with the registry before the rest is created. */
  readonly watch?: (registry: WebSocketManagerRegistry) => void;
}

export interface RegistryServer {
  readonly registry: WebSocketManagerRegistry;
  readonly httpServer: http.Server;
  readonly webSocketServer: WebSocketServer;
}

/** To be called as code of the server's host, each time its process starts. */
export function startRegistryServer(options: RegistryServerOptions): RegistryServer {
  const { library, hooks, perMessageDeflate = false } = options;
  const registry = new library.WebSocketManagerRegistry(options.registry);
  options.watch?.(registry);
  const httpServer = http.createServer(options.http ?? {}, options.answer);
  // `close()` calls it, and newer versions of Node count a connection without a request as idle. A digest must not
  // depend on that. `attach` ends such connections by its own deadline.
  httpServer.closeIdleConnections = () => {};
  const webSocketServer = new WebSocketServer({ noServer: true, perMessageDeflate });
  library.attach(registry, { server: httpServer, webSocketServer, ...hooks });
  httpServer.listen(8080);
  return { registry, httpServer, webSocketServer };
}
