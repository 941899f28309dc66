/**
 * The connections of one manager: by id, and those that lost their id to a successor. Owns who counts;
 * a connection is in here until its socket is destroyed.
 */
import type { WebSocketConnection } from './connection.ts';
import { SmallMap } from './small-map.ts';

export class Roster {
  readonly #byId = new SmallMap<string, WebSocketConnection>();
  /** Connections that lost their id and whose sockets are not destroyed yet. */
  #replaced: Set<WebSocketConnection> | undefined;

  get size(): number {
    return this.#byId.size + (this.#replaced?.size ?? 0);
  }

  /** Those with an id of their own, oldest first. */
  named(): Iterable<WebSocketConnection> {
    return this.#byId.values();
  }

  all(): readonly WebSocketConnection[] {
    return [...this.#byId.values(), ...(this.#replaced ?? [])];
  }

  snapshot(): ReadonlyMap<string, WebSocketConnection> {
    return new Map(this.#byId);
  }

  find(id: string): WebSocketConnection | undefined {
    return this.#byId.get(id);
  }

  countOpenBut(exception: WebSocketConnection | undefined): number {
    let open = 0;
    for (const connection of this.#byId.values()) {
      if (connection !== exception && connection.state === 'open') open += 1;
    }
    return open;
  }

  add(connection: WebSocketConnection): void {
    this.#byId.set(connection.id, connection);
  }

  /** Its id is somebody else's from now on. */
  replace(connection: WebSocketConnection): void {
    this.#byId.delete(connection.id);
    this.#replaced ??= new Set();
    this.#replaced.add(connection);
  }

  /** By identity: a connection that lost its id must not take its successor along. */
  remove(connection: WebSocketConnection): void {
    if (this.#byId.get(connection.id) === connection) this.#byId.delete(connection.id);
    else this.#replaced?.delete(connection);
  }
}
