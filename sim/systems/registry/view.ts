/** One server and everything around it, as the invariants see them: they are asked of each server by itself. */
import type { World } from '../../run/world.ts';
import type { ClientObservations } from './clients/client-observations.ts';
import type { Line } from './model/ground-truth.ts';
import type { Settings } from './scenario.ts';
import type { Server } from './servers/server-under-test.ts';

/** What is around the servers, the same for all of them. */
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
