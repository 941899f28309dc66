/** One server and everything around it, as the invariants see them: they are asked of each server by itself. */
import type { Line } from './model/ground-truth.ts';
import type { Server } from './server.ts';
import type { RegistrySystem } from './system.ts';

export class View {
  readonly server: Server;
  readonly #system: RegistrySystem;

  constructor(system: RegistrySystem, server: Server) {
    this.#system = system;
    this.server = server;
  }

  get recorder() {
    return this.server.recorder;
  }

  get world() {
    return this.#system.world;
  }

  get settings() {
    return this.#system.settings;
  }

  get observations() {
    return this.#system.observations;
  }

  get unmetExpectations() {
    return this.#system.unmetExpectations;
  }

  /** Everything is looked at now, not only the users that the event touched. */
  get isAuditEvent() {
    return this.#system.isAuditEvent;
  }

  /** Whether this tab has been there, reading and reachable, for at least so long. */
  answersSince(tab: string, ms: number): boolean {
    return this.#system.answersSince(tab, ms);
  }

  /** Whether a tab is in the middle of a backlog that the server has for it. */
  isReading(line: Line): boolean {
    return this.#system.isReading(line);
  }
}
