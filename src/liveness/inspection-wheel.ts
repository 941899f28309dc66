/**
 * Inspects every connection once per round, each at a time of its own, with one timer for all: however many
 * connections opened in one tick, their inspections are spread over the round. Owns the order and the times; what an
 * inspection looks at is in `inspection.ts`.
 */
import type { ConnectionPort } from '../internal/connection-port.ts';
import { kWheelBucket, kWheelIndex } from '../internal/symbols.ts';
import type { EventDispatcher } from '../telemetry/event-dispatcher.ts';
import { LATENESS_MS } from './after-poll.ts';

/** The number of buckets is a power of two, so that any odd stride visits each of them. */
const BUCKETS_MAX = 512;
const BUCKET_MS_LEAST = 25;

export type Visit = (connection: ConnectionPort, nowMs: number) => void;

export interface InspectionTasks {
  readonly visit: Visit;
  /** Called when the last connection has left. */
  readonly ended: () => void;
}

export class InspectionWheel {
  readonly #dispatcher: EventDispatcher;
  readonly #tasks: InspectionTasks;
  readonly #buckets: ConnectionPort[][];
  readonly #bucketMs: number;
  /** Near the golden section of the buckets: connections that open one after the other are far apart. */
  readonly #stride: number;
  #nextBucket = 0;
  #size = 0;
  /** The buckets take turns: the number of the next turn, and when turn 0 was. */
  #turn = 0;
  #beganAtMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerDueMs = Number.POSITIVE_INFINITY;

  constructor(roundMs: number, dispatcher: EventDispatcher, tasks: InspectionTasks) {
    this.#dispatcher = dispatcher;
    this.#tasks = tasks;
    let buckets = 1;
    while (buckets < BUCKETS_MAX && roundMs / (2 * buckets) >= BUCKET_MS_LEAST) buckets *= 2;
    this.#buckets = Array.from({ length: buckets }, () => []);
    this.#bucketMs = roundMs / buckets;
    // Stryker disable next-line ArithmeticOperator: both strides are the golden section and equal modulo every size of the wheel
    this.#stride = Math.floor(buckets * 0.618) | 1;
  }

  join(connection: ConnectionPort): void {
    if (this.#size === 0)
      this.#beganAtMs = connection.openedAtMs + (1 - this.#turn) * this.#bucketMs;
    else this.#passOver(connection.openedAtMs);
    this.#size += 1;
    this.#nextBucket = (this.#nextBucket + this.#stride) % this.#buckets.length;
    const bucket = this.#buckets[this.#nextBucket];
    connection[kWheelBucket] = this.#nextBucket;
    // Stryker disable next-line OptionalChaining: for the compiler: the bucket always exists
    connection[kWheelIndex] = (bucket?.push(connection) ?? 0) - 1;
    this.#armFor(this.#atMs(this.#turn + this.#ahead(this.#nextBucket)));
  }

  leave(connection: ConnectionPort): void {
    const bucket = this.#buckets[connection[kWheelBucket]];
    if (bucket?.[connection[kWheelIndex]] !== connection) return;
    const last = bucket.pop();
    if (last !== undefined && last !== connection) {
      bucket[connection[kWheelIndex]] = last;
      last[kWheelIndex] = connection[kWheelIndex];
    }
    // Stryker disable next-line UnaryOperator: a connection that is not at its index has left already
    connection[kWheelBucket] = -1;
    this.#size -= 1;
    if (this.#size > 0) return;
    this.#disarm();
    this.#tasks.ended();
  }

  #atMs(turn: number): number {
    return this.#beganAtMs + turn * this.#bucketMs;
  }

  /** Turns until that of this bucket; 0 when it is next. */
  #ahead(bucket: number): number {
    const { length } = this.#buckets;
    return (bucket - (this.#turn % length) + length) % length;
  }

  #armFor(dueMs: number): void {
    if (dueMs >= this.#timerDueMs) return;
    clearTimeout(this.#timer);
    this.#timerDueMs = dueMs;
    const delayMs = Math.max(1, Math.ceil(dueMs - performance.now()));
    this.#timer = setTimeout(() => this.#tick(), delayMs);
    // No code waits for this timer, so it need not keep the process alive.
    this.#timer.unref();
  }

  #disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerDueMs = Number.POSITIVE_INFINITY;
  }

  #tick(): void {
    const nowMs = performance.now();
    const lateMs = nowMs - this.#timerDueMs;
    this.#disarm();
    // After a stall the round continues where it was. Catching up would be the burst that the buckets avoid.
    if (lateMs > LATENESS_MS) this.#beganAtMs += lateMs;
    this.#dispatcher.run(() => {
      const { length } = this.#buckets;
      for (let turns = length; turns > 0 && this.#atMs(this.#turn) <= nowMs; turns -= 1) {
        // The turn is over before it begins: a connection that joins meanwhile is in a later one.
        this.#turn += 1;
        this.#visitBucket((this.#turn - 1) % length, nowMs);
      }
      this.#armNext();
    });
  }

  #visitBucket(index: number, nowMs: number): void {
    // Stryker disable next-line ArrayDeclaration: for the compiler: the bucket always exists
    const bucket = this.#buckets[index] ?? [];
    // Backwards, since a connection that is found closed leaves, and the last one takes its index.
    // Stryker disable next-line ArithmeticOperator: an index without a connection is skipped
    for (let index = bucket.length - 1; index >= 0; index -= 1) {
      const connection = bucket[index];
      if (connection === undefined) continue;
      try {
        this.#tasks.visit(connection, nowMs);
      } catch (error) {
        this.#dispatcher.hookFailed('round', error, connection.manager.context.userId);
      }
    }
  }

  /** Skips the past turns of empty buckets, which had no timer, so that a new connection has one in this round. */
  #passOver(nowMs: number): void {
    const { length } = this.#buckets;
    // Stryker disable next-line OptionalChaining: for the compiler: the bucket always exists
    while (this.#atMs(this.#turn) <= nowMs && this.#buckets[this.#turn % length]?.length === 0) {
      this.#turn += 1;
    }
  }

  /** Skips empty buckets: a server with few connections wakes up rarely. */
  #armNext(): void {
    if (this.#size === 0) return;
    const { length } = this.#buckets;
    const last = this.#turn + length;
    for (let turn = this.#turn; turn < last; turn += 1) {
      // Stryker disable next-line OptionalChaining: for the compiler: the bucket always exists
      if (this.#buckets[turn % length]?.length === 0) continue;
      this.#armFor(this.#atMs(turn));
      return;
    }
  }
}
