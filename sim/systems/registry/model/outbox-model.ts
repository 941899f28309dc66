/**
 * The model of the outbox (G11): which messages were posted to a thread, and which connection must receive them. A
 * message to a thread without an open connection waits. The next connection of the thread receives all waiting messages
 * once, in order, before any newer one. A message that was dropped must have been reported.
 */
import { Deadlines } from './deadlines.ts';
import type { Clock } from './pause-times.ts';

/** Latency, slow links and backpressure of a responsive tab stay far below this. */
const replayWithinMs = 15_000;

/** Stands for a waiting message without a number: it counts when the oldest messages are dropped. */
const unnumbered = 0;

/** A message that waits, or did until it was replayed. */
interface Waiting {
  readonly number: number;
  readonly sinceMs: number;
}

/** A message that was dropped for its age before it was that old. */
export interface GivenUpEarly {
  readonly sinceMs: number;
  readonly detail: string;
}

export class OutboxModel {
  /** Waiting messages, oldest first, by isolation key. */
  readonly #waiting = new Map<string, Waiting[]>();
  /** Messages that a tab must receive next, by tab. */
  readonly #replays = new Map<string, Waiting[]>();
  /** The tab that last connected to a thread, by isolation key. */
  readonly #lastReplayTo = new Map<string, string>();
  /** The last number that a tab received of a thread. */
  readonly #lastHeard = new Map<string, number>();
  /** Replays that are not complete, by tab. */
  readonly replaysDue: Deadlines<string>;
  readonly faults: string[] = [];
  /** The first of them. */
  givenUpEarly: GivenUpEarly | undefined;
  readonly #clock: Clock;
  #sending = unnumbered;
  #isAccountedFor = true;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.replaysDue = new Deadlines(clock);
  }

  /** Sends a numbered message. Without a connection the registry queues it, or reports that it does not. */
  send(isolationKey: string, number: number, isHeard: boolean, send: () => void): void {
    this.#sending = number;
    this.#isAccountedFor = isHeard;
    send();
    this.#sending = unnumbered;
    if (this.#isAccountedFor) return;
    this.faults.push(
      `message ${number} for ${isolationKey} was neither queued nor reported as dropped`,
    );
  }

  /** The registry has reported that it queued a message. */
  queued(isolationKey: string): void {
    const waiting = this.#waiting.get(isolationKey) ?? [];
    waiting.push({ number: this.#sending, sinceMs: this.#clock.nowMs });
    this.#waiting.set(isolationKey, waiting);
    this.#isAccountedFor = true;
  }

  /**
   * The registry has reported that it dropped `count` messages, oldest first. Some are dropped during a replay.
   *
   * @param ageMs How old each must be by then.
   */
  dropped(isolationKey: string, messages: number, ageMs: number): void {
    this.#isAccountedFor = true;
    const waiting = this.#waiting.get(isolationKey);
    if (waiting !== undefined) {
      this.#giveUp(isolationKey, waiting.splice(0, messages), ageMs);
      return;
    }
    const tab = this.#lastReplayTo.get(isolationKey);
    const replay = tab === undefined ? undefined : this.#replays.get(tab);
    this.#giveUp(isolationKey, replay?.splice(0, messages) ?? [], ageMs);
    if (tab !== undefined && replay?.every(({ number }) => number === unnumbered))
      this.replaysDue.met(tab);
  }

  #giveUp(isolationKey: string, messages: readonly Waiting[], ageMs: number): void {
    for (const { sinceMs } of messages) {
      const waitedMs = this.#clock.nowMs - sinceMs;
      if (waitedMs >= ageMs) continue;
      const detail = `a message for ${isolationKey} was dropped for its age after ${waitedMs} of ${ageMs} ms`;
      this.givenUpEarly ??= { sinceMs, detail };
    }
  }

  managerRemoved(isolationKey: string): void {
    const waiting = this.#waiting.get(isolationKey) ?? [];
    this.#waiting.delete(isolationKey);
    this.#lastReplayTo.delete(isolationKey);
    if (waiting.length === 0) return;
    this.faults.push(
      `${waiting.length} messages were lost with ${isolationKey}, and no event reported it`,
    );
  }

  /** @param isWell Whether the tab could receive messages for as long as a replay may take. */
  connected(isolationKey: string, tab: string, nowMs: number, isWell: () => boolean): void {
    const waiting = this.#waiting.get(isolationKey) ?? [];
    this.#waiting.delete(isolationKey);
    const numbered = waiting.some(({ number }) => number !== unnumbered);
    this.#replays.set(tab, waiting);
    this.#lastReplayTo.set(isolationKey, tab);
    this.replaysDue.met(tab);
    if (!numbered) return;
    this.replaysDue.set(
      tab,
      nowMs + replayWithinMs,
      () =>
        `${tab} has not received ${this.#replays.get(tab)?.length} messages that waited for ${isolationKey}`,
      () => !isWell(),
    );
  }

  heard(threadId: string, tab: string, number: number): void {
    const replay = this.#replays.get(tab) ?? [];
    while (replay[0]?.number === unnumbered) replay.shift();
    const expected = replay.shift()?.number;
    if (expected !== undefined && expected !== number) {
      this.faults.push(`${tab} received message ${number} before ${expected}, which waited for it`);
    }
    if (replay.every((other) => other.number === unnumbered)) this.replaysDue.met(tab);
    const key = `${tab} ${threadId}`;
    const last = this.#lastHeard.get(key) ?? 0;
    if (number <= last) this.faults.push(`${tab} received message ${number} after ${last}`);
    this.#lastHeard.set(key, Math.max(last, number));
  }
}
