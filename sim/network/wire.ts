/** What the ends of connections need of the run, and of the state of the whole network. */

import type { PlannedEvent } from '../engine/event-queue.ts';
import type { Random } from '../engine/random.ts';
import type { Connection, Machine } from './ports.ts';
import type { NetworkProfile } from './profile.ts';

/** Something that collects what is written during an event, and sends it when the event is over. */
export interface Flushable {
  flush(): void;
}

/** Takes what is under way in one direction, where priorities decide what goes first. */
export interface Lane {
  add(event: PlannedEvent): void;
}

export interface Wire {
  readonly profile: NetworkProfile;
  readonly nowMs: number;
  /** Ordinal of the event that is happening. */
  readonly eventNumber: number;
  /** A lane for one direction, where priorities decide what goes first. @param random The stream of that direction. */
  makeLane(random: Random): Lane | undefined;
  /** Puts an event in the queue; its cause is the event that is happening, if none is given. */
  schedule(event: PlannedEvent, cause?: number): void;
  /** Has `flush` called once the current event is over, in the order of the calls. */
  flushAfterEvent(flushable: Flushable): void;
  /** What the state of the two hosts adds to the latency now. */
  addedLatencyMs(connection: Connection): number;
  /** Whether a partition keeps everything from getting from one host to the other now. */
  isCut(from: Machine, to: Machine): boolean;
  /** Both ends are closed. */
  connectionEnded(connection: Connection): void;
}
