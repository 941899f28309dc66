/**
 * The connections of one manager: by id, and those that lost their id to a successor. Owns who counts;
 * a connection is in here until its socket is destroyed.
 */
import type { WebSocketConnection } from './connection.ts';

export class Roster {
  /** The one that is there while it is the only one, as it nearly always is: a `Map` for one takes some 200 bytes. */
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
    if (this.#byId !== undefined) return this.#byId.values();
    return this.#only === undefined ? [] : [this.#only];
  }

  all(): readonly WebSocketConnection[] {
    return [...this.named(), ...(this.#replaced ?? [])];
  }

  snapshot(): ReadonlyMap<string, WebSocketConnection> {
    return this.#copy();
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
    this.#byId ??= this.#copy();
    this.#only = undefined;
    this.#byId.set(connection.id, connection);
  }

  /** Its id is somebody else's from now on. */
  replace(connection: WebSocketConnection): void {
    this.#forget(connection);
    this.#replaced ??= new Set();
    this.#replaced.add(connection);
  }

  remove(connection: WebSocketConnection): void {
    if (!this.#forget(connection)) this.#replaced?.delete(connection);
  }

  #copy(): Map<string, WebSocketConnection> {
    return new Map([...this.named()].map((connection) => [connection.id, connection]));
  }

  /** By identity: a connection that lost its id must not take its successor along. */
  #forget(connection: WebSocketConnection): boolean {
    if (this.#byId === undefined) {
      if (this.#only !== connection) return false;
      this.#only = undefined;
      return true;
    }
    return this.#byId.get(connection.id) === connection && this.#byId.delete(connection.id);
  }
}
