/**
 * One direction of a connection: when what one end sends arrives at the other. Latency and the side of equal instants
 * are drawn from a stream of its own. Knows nothing of what is sent.
 */

import {
  afterTimers,
  beforeTimers,
  type QueuedEvent,
  type TimerSide,
} from '../../engine/event-queue.ts';
import type { Random } from '../../engine/random.ts';
import type { EventKind } from '../../engine/trace.ts';
import { drawLatencyMs } from '../latency.ts';
import type { Connection, Endpoint } from '../ports.ts';
import type { Lane, Wire } from '../wire.ts';

export class Direction {
  /** Cuts are drawn from it too. */
  readonly random: Random;
  readonly #connection: Connection;
  readonly #wire: Wire;
  readonly #lane: Lane | undefined;
  /** Until when earlier segments are still leaving, where the bandwidth is limited. */
  #busyUntilMs = 0;
  #lastArrivalMs = 0;
  #lastSide: TimerSide = beforeTimers;

  constructor(connection: Connection, wire: Wire, random: Random) {
    this.#connection = connection;
    this.#wire = wire;
    this.random = random;
    this.#lane = wire.makeLane(random);
  }

  /** Schedules the arrival of something at `receiver`, never before what was sent earlier. */
  schedule(
    receiver: Endpoint | undefined,
    kind: EventKind,
    fire: () => void,
    payload?: QueuedEvent['payload'],
    isLost?: () => boolean,
  ): void {
    const wire = this.#wire;
    const { random } = this;
    let atMs =
      this.#leavesAtMs(payload) +
      drawLatencyMs(random, wire.profile) +
      wire.addedLatencyMs(this.#connection);
    let side: TimerSide = random.chance(0.5) ? beforeTimers : afterTimers;
    if (atMs < this.#lastArrivalMs) atMs = this.#lastArrivalMs;
    if (atMs === this.#lastArrivalMs && side < this.#lastSide) side = this.#lastSide;
    this.#lastArrivalMs = atMs;
    this.#lastSide = side;
    const id = this.#connection.ordinal;
    const event = { kind, atMs, side, owner: receiver?.owner, id, payload, isLost, fire };
    if (this.#lane === undefined) wire.schedule(event);
    else this.#lane.add(event);
  }

  /** When the last byte of a segment that is sent now is on the way. */
  #leavesAtMs(payload: QueuedEvent['payload']): number {
    const { nowMs, profile } = this.#wire;
    const { bandwidthBytesPerSecond } = profile;
    if (bandwidthBytesPerSecond === undefined || payload === undefined) return nowMs;
    const bytes = typeof payload === 'function' ? payload() : payload;
    const takesMs = (bytes.length * 1_000) / bandwidthBytesPerSecond;
    this.#busyUntilMs = Math.max(nowMs, this.#busyUntilMs) + takesMs;
    return Math.ceil(this.#busyUntilMs);
  }
}
