/**
 * The connections of one manager: by id, and those that lost their id to a successor. Owns which
 * of them count; a connection is in the set until its socket is destroyed.
 */
import type { ConnectionState } from '../internal/connection-port.ts';
import { added, countOf, find, removed, type SmallMap, valuesOf } from '../internal/small-map.ts';

/** What the set needs of a connection. */
export interface NamedConnection {
  readonly id: string;
  readonly state: ConnectionState;
}

const idOf = ({ id }: NamedConnection): string => id;

export class ConnectionSet<C extends NamedConnection> {
  #named: SmallMap<C>;
  /** Connections that lost their id and whose sockets are not destroyed yet. */
  #replaced: Set<C> | undefined;

  get size(): number {
    return countOf(this.#named) + (this.#replaced?.size ?? 0);
  }

  /** Those with an id of their own, oldest first. */
  named(): Iterable<C> {
    return valuesOf(this.#named);
  }

  all(): readonly C[] {
    return [...this.named(), ...(this.#replaced ?? [])];
  }

  snapshot(): ReadonlyMap<string, C> {
    return new Map([...this.named()].map((connection) => [connection.id, connection]));
  }

  find(id: string): C | undefined {
    return find(this.#named, id, idOf);
  }

  countOpenBut(exception: C | undefined): number {
    let open = 0;
    for (const connection of this.named()) {
      if (connection !== exception && connection.state === 'open') open += 1;
    }
    return open;
  }

  add(connection: C): void {
    this.#named = added(this.#named, connection, idOf);
  }

  /** Its id belongs to another connection from now on. */
  replace(connection: C): void {
    this.#named = removed(this.#named, connection, idOf);
    this.#replaced ??= new Set();
    this.#replaced.add(connection);
  }

  remove(connection: C): void {
    // By identity: a connection that lost its id must not take its successor along.
    this.#named = removed(this.#named, connection, idOf);
    this.#replaced?.delete(connection);
  }
}
