/** One server and its environment, as the invariants see them. They are checked for each server separately. */
import type { World } from '../../run/world.ts';
import type { ClientObservations } from './clients/client-observations.ts';
import type { Line } from './model/ground-truth.ts';
import type { Settings } from './scenario.ts';
import type { Server } from './servers/server-under-test.ts';

/** The environment of the servers, the same for all of them. */
export interface Surroundings {
  readonly world: World;
  readonly settings: Settings;
  readonly observations: ClientObservations;
  readonly unmetExpectations: readonly string[];
  readonly isAuditEvent: boolean;
  answersSince(tab: string, ms: number): boolean;
  isReading(line: Line): boolean;
}

export class View {
  readonly server: Server;
  readonly #system: Surroundings;

  constructor(system: Surroundings, server: Server) {
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

  /** Whether everything is checked now, not only the users that the event touched. */
  get isAuditEvent() {
    return this.#system.isAuditEvent;
  }

  /** Whether this tab has been connected, reading and reachable for at least this long. */
  answersSince(tab: string, ms: number): boolean {
    return this.#system.answersSince(tab, ms);
  }

  /** Whether a tab is reading a backlog of the server. */
  isReading(line: Line): boolean {
    return this.#system.isReading(line);
  }
}
