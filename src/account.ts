/** What belongs to one user: his managers, who waits for one, and what is remembered between two acquires. */
import type { CleanupReport } from './events.ts';
import type { IsolationKey } from './isolation-key.ts';
import type { WebSocketManager } from './manager.ts';
import { SmallMap } from './small-map.ts';
import type { UserExecutionContext } from './user-execution-context.ts';

/** One caller of `acquire`, or one upgrade. */
export interface Claim {
  /** An upgrade gets its manager with a reservation: nobody can take it away before it connects. */
  readonly reserve: boolean;
  /** Set to false by an upgrade whose socket died; it is passed over then. */
  wanted: boolean;
  resolve(manager: WebSocketManager): void;
  reject(error: unknown): void;
}

/** All claims to one key that has no open manager yet: they get one manager between them (G3). */
export interface Flight {
  readonly context: UserExecutionContext;
  readonly claims: Claim[];
}

interface Waiting {
  readonly flights: Map<IsolationKey, Flight>;
  readonly queue: Flight[];
  readonly heirs: Map<WebSocketManager, Flight>;
}

export class Account {
  readonly userId: string;
  /** Oldest first. A manager is in here as long as it holds a slot. */
  readonly managers = new SmallMap<IsolationKey, WebSocketManager>();
  emergencyRunning = false;
  /** The proactive or requested cleanup that is under way. */
  cleanupRunning: Promise<CleanupReport> | undefined;
  /** No proactive cleanup starts before this, on the clock of `performance.now()`. */
  proactiveRestUntilMs: number | undefined;
  /** No peer is asked again by an emergency cleanup before this. */
  emergencyRestUntilMs: number | undefined;
  /** Made with the first who waits: hardly anybody ever does, and there is an account for every user. */
  #waiting: Waiting | undefined;

  constructor(userId: string) {
    this.userId = userId;
  }

  /** Whether anybody waits at all. Whoever is in the queue or an heir has a flight. */
  get hasFlights(): boolean {
    return this.#waiting !== undefined && this.#waiting.flights.size > 0;
  }

  /** Every unsettled flight, by key: those in the queue, and those that wait for an end. */
  get flights(): Map<IsolationKey, Flight> {
    return this.#wait().flights;
  }

  /** Flights that wait for room, in the order they came. */
  get queue(): Flight[] {
    return this.#wait().queue;
  }

  /** Flights that get the slot of the manager that was evicted for them. */
  get heirs(): Map<WebSocketManager, Flight> {
    return this.#wait().heirs;
  }

  /** Whether it must be kept, whatever its cooldowns. */
  get isInUse(): boolean {
    return (
      this.managers.size > 0 ||
      this.hasFlights ||
      this.emergencyRunning ||
      this.cleanupRunning !== undefined
    );
  }

  /** Undefined when there is no cooldown to remember. */
  get restsUntilMs(): number | undefined {
    const { proactiveRestUntilMs: proactive, emergencyRestUntilMs: emergency } = this;
    return proactive === undefined || emergency === undefined
      ? (proactive ?? emergency)
      : Math.max(proactive, emergency);
  }

  #wait(): Waiting {
    this.#waiting ??= { flights: new Map(), queue: [], heirs: new Map() };
    return this.#waiting;
  }
}
