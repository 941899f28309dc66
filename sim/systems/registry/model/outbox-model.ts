/**
 * What was posted to threads, and who must hear it: the model of the outbox (G11). A post to a thread without an open
 * connection waits; the next connection of the thread hears all that wait, once, in order, before anything newer; what
 * does not wait any more was reported.
 */
import { Deadlines } from './deadlines.ts';
import type { Clock } from './pause-times.ts';

/** Real latency, slow links and backpressure of a tab that is well stay far below this. */
const replayWithinMs = 15_000;

/** What waits among the posts and has no number: it counts where the oldest are given up. */
const unnumbered = 0;

/** A message that waits, or did until it was replayed. */
interface Waiting {
  readonly number: number;
  readonly sinceMs: number;
}

/** A message that was given up for its age, and was not that old. */
export interface GivenUpEarly {
  readonly sinceMs: number;
  readonly detail: string;
}

export class OutboxModel {
  /** Those that wait, oldest first, by isolation key. */
  readonly #waiting = new Map<string, Waiting[]>();
  /** Those that a tab must hear next, by tab. */
  readonly #replays = new Map<string, Waiting[]>();
  /** The tab that last connected to a thread, by isolation key. */
  readonly #lastReplayTo = new Map<string, string>();
  /** The last number that a tab heard of a thread. */
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

  /** Sends a numbered message. Without a connection it is kept, or the registry says that it is not. */
  send(isolationKey: string, number: number, isHeard: boolean, send: () => void): void {
    this.#sending = number;
    this.#isAccountedFor = isHeard;
    send();
    this.#sending = unnumbered;
    if (this.#isAccountedFor) return;
    this.faults.push(`message ${number} for ${isolationKey} was neither kept nor given up`);
  }

  /** The registry has said that it keeps a message. */
  queued(isolationKey: string): void {
    const waiting = this.#waiting.get(isolationKey) ?? [];
    waiting.push({ number: this.#sending, sinceMs: this.#clock.nowMs });
    this.#waiting.set(isolationKey, waiting);
    this.#isAccountedFor = true;
  }

  /**
   * The registry has reported that it gave up so many, oldest first. Some are given up in the moment of a replay.
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
      const detail = `a message for ${isolationKey} was given up for its age after ${waitedMs} of ${ageMs} ms`;
      this.givenUpEarly ??= { sinceMs, detail };
    }
  }

  managerRemoved(isolationKey: string): void {
    const waiting = this.#waiting.get(isolationKey) ?? [];
    this.#waiting.delete(isolationKey);
    this.#lastReplayTo.delete(isolationKey);
    if (waiting.length === 0) return;
    this.faults.push(`${waiting.length} messages went with ${isolationKey}, and no event said so`);
  }

  /** @param isWell Whether the tab could hear something for as long as a replay may take. */
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
        `${tab} has not heard ${this.#replays.get(tab)?.length} messages that waited for ${isolationKey}`,
      () => !isWell(),
    );
  }

  heard(threadId: string, tab: string, number: number): void {
    const replay = this.#replays.get(tab) ?? [];
    while (replay[0]?.number === unnumbered) replay.shift();
    const expected = replay.shift()?.number;
    if (expected !== undefined && expected !== number) {
      this.faults.push(`${tab} heard message ${number} before ${expected}, which waited for it`);
    }
    if (replay.every((other) => other.number === unnumbered)) this.replaysDue.met(tab);
    const key = `${tab} ${threadId}`;
    const last = this.#lastHeard.get(key) ?? 0;
    if (number <= last) this.faults.push(`${tab} heard message ${number} after ${last}`);
    this.#lastHeard.set(key, Math.max(last, number));
  }
}
