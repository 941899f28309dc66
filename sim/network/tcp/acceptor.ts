/**
 * How a server's process hears of a connection whose handshake is complete: at once, or from the queue of its kernel when
 * its event loop goes on. Does not know how the client got this far.
 */
import { addressesOf, addressOf } from '../hosts/addresses.ts';
import type { Listener } from '../hosts/host.ts';
import type { Connection, Endpoint } from '../ports.ts';
import type { ListeningServer, ServerSupport } from '../socket/listening.ts';
import { SimulatedSocket } from '../socket/socket.ts';
import type { TcpConnection } from './connection.ts';
import { deliver } from './deliver.ts';
import type { TcpEndpoint } from './endpoint.ts';

export class Acceptor {
  readonly #support: ServerSupport;
  /** Connections whose handshake was completed. */
  accepted = 0;

  constructor(support: ServerSupport) {
    this.#support = support;
  }

  /** The acknowledgement of the handshake arrives. */
  accept(
    connection: TcpConnection,
    client: Endpoint,
    server: TcpEndpoint,
    listener: Listener,
  ): void {
    if (server.state === 'closed' && !server.vanished) return;
    if (server.vanished || !isListening(server, listener)) {
      server.sendReset();
      return;
    }
    this.accepted += 1;
    connection.wasEstablished = true;
    if (listener.owner.pause === undefined) {
      this.#handOver(connection, client, server, listener);
      return;
    }
    // The queue of the kernel: the client may send already.
    server.opened();
    deliver(server, () => {
      if (isListening(server, listener)) this.#handOver(connection, client, server, listener);
      else server.sendReset();
    });
  }

  /** The process hears of a connection. */
  #handOver(
    connection: Connection,
    client: Endpoint,
    server: TcpEndpoint,
    listener: Listener,
  ): void {
    const acceptor = listener.server as ListeningServer;
    if (acceptor.maxConnections && acceptor._connections >= acceptor.maxConnections) {
      server.opened();
      server.close(false);
      listener.resource.runInAsyncScope(() => acceptor.emit('drop', addressesOf(client, server)));
      return;
    }
    listener.resource.runInAsyncScope(() => {
      const socket = new SimulatedSocket({
        allowHalfOpen: acceptor.allowHalfOpen ?? false,
        local: addressOf(server, connection, server.port),
        remote: addressOf(client, connection, client.port),
        connecting: false,
        server: acceptor,
        rewrite: this.#support.rewriteOf(acceptor),
      });
      server.socket = socket;
      socket.attach(server);
      server.opened();
      acceptor._connections++;
      if (acceptor.pauseOnConnect === true) socket.pause();
      else socket.read(0);
      acceptor.emit('connection', socket);
    });
  }
}

/** Whether the process that began to listen still does. */
function isListening(server: TcpEndpoint, listener: Listener): boolean {
  return listener.owner.alive && listener.host.listeners.get(server.port) === listener;
}
