/**
 * The connections of one manager: by id, and those that lost their id to a successor. Owns who counts;
 * a connection is in here until its socket is destroyed.
 */
import type { WebSocketConnection } from './connection.ts';

export class Roster {
  /** Most managers have one connection, and a map for one would be as large as the rest of the manager. */
  #only: WebSocketConnection | undefined;
  #byId: Map<string, WebSocketConnection> | undefined;
  /** Connections that lost their id and whose sockets are not destroyed yet. */
  #replaced: Set<WebSocketConnection> | undefined;

  get size(): number {
    const named = this.#byId?.size ?? (this.#only === undefined ? 0 : 1);
    return named + (this.#replaced?.size ?? 0);
  }

  /** Those with an id of their own, oldest first. */
  named(): Iterable<WebSocketConnection> {
    return this.#byId?.values() ?? (this.#only === undefined ? [] : [this.#only]);
  }

  all(): readonly WebSocketConnection[] {
    return [...this.named(), ...(this.#replaced ?? [])];
  }

  snapshot(): ReadonlyMap<string, WebSocketConnection> {
    return new Map(Array.from(this.named(), (connection) => [connection.id, connection]));
  }

  find(id: string): WebSocketConnection | undefined {
    if (this.#byId !== undefined) return this.#byId.get(id);
    return this.#only?.id === id ? this.#only : undefined;
  }

  countOpenBut(exception: WebSocketConnection | undefined): number {
    let open = 0;
    for (const connection of this.named()) {
      if (connection !== exception && connection.state === 'open') open += 1;
    }
    return open;
  }

  add(connection: WebSocketConnection): void {
    if (this.#byId === undefined && this.#only === undefined) {
      this.#only = connection;
      return;
    }
    this.#byId ??= new Map();
    if (this.#only !== undefined) this.#byId.set(this.#only.id, this.#only);
    this.#only = undefined;
    this.#byId.set(connection.id, connection);
  }

  /** Its id is somebody else's from now on. */
  replace(connection: WebSocketConnection): void {
    this.remove(connection);
    this.#replaced ??= new Set();
    this.#replaced.add(connection);
  }

  /** By identity: a connection that lost its id must not take its successor along. */
  remove(connection: WebSocketConnection): void {
    if (this.#only === connection) this.#only = undefined;
    else if (this.#byId?.get(connection.id) === connection) this.#byId.delete(connection.id);
    else this.#replaced?.delete(connection);
  }
}
