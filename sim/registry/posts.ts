/**
 * What was posted to threads, and who must hear it: the model of the outbox (G11). A post to a thread without an open
 * connection waits; the next connection of the thread hears all that wait, once, in order, before anything newer; what
 * does not wait any more was reported.
 */
import { Deadlines } from './deadlines.ts';
import type { Clock } from './stalls.ts';

/** Real latency, slow links and backpressure of a tab that is well stay far below this. */
const replayWithinMs = 15_000;

export class Posts {
  /** Numbers that wait, oldest first, by isolation key. */
  readonly #waiting = new Map<string, number[]>();
  /** Numbers that a tab must hear next, by tab. */
  readonly #replays = new Map<string, number[]>();
  /** The tab that last connected to a thread, by isolation key. */
  readonly #lastReplayTo = new Map<string, string>();
  /** The last number that a tab heard of a thread. */
  readonly #lastHeard = new Map<string, number>();
  /** Replays that are not complete, by tab. */
  readonly replaysDue: Deadlines<string>;
  readonly faults: string[] = [];

  constructor(clock: Clock) {
    this.replaysDue = new Deadlines(clock);
  }

  posted(isolationKey: string, number: number): void {
    const waiting = this.#waiting.get(isolationKey) ?? [];
    waiting.push(number);
    this.#waiting.set(isolationKey, waiting);
  }

  /** The registry has reported that it gave up so many, oldest first. Some are given up in the moment of a replay. */
  dropped(isolationKey: string, messages: number): void {
    const waiting = this.#waiting.get(isolationKey);
    if (waiting !== undefined) {
      waiting.splice(0, messages);
      return;
    }
    const tab = this.#lastReplayTo.get(isolationKey);
    const replay = tab === undefined ? undefined : this.#replays.get(tab);
    replay?.splice(0, messages);
    if (tab !== undefined && replay?.length === 0) this.replaysDue.met(tab);
  }

  managerRemoved(isolationKey: string): void {
    const waiting = this.#waiting.get(isolationKey) ?? [];
    this.#waiting.delete(isolationKey);
    this.#lastReplayTo.delete(isolationKey);
    if (waiting.length === 0) return;
    this.faults.push(`${waiting.length} messages went with ${isolationKey}, and nobody was told`);
  }

  /** @param isWell Whether the tab could hear something for as long as a replay may take. */
  connected(isolationKey: string, tab: string, nowMs: number, isWell: () => boolean): void {
    const waiting = this.#waiting.get(isolationKey) ?? [];
    this.#waiting.delete(isolationKey);
    this.#replays.set(tab, waiting);
    this.#lastReplayTo.set(isolationKey, tab);
    this.replaysDue.met(tab);
    if (waiting.length === 0) return;
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
    const expected = replay.shift();
    if (expected !== undefined && expected !== number) {
      this.faults.push(`${tab} heard message ${number} before ${expected}, which waited for it`);
    }
    if (replay.length === 0) this.replaysDue.met(tab);
    const key = `${tab} ${threadId}`;
    const last = this.#lastHeard.get(key) ?? 0;
    if (number <= last) this.faults.push(`${tab} heard message ${number} after ${last}`);
    this.#lastHeard.set(key, Math.max(last, number));
  }
}
