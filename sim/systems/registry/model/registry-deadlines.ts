/** The deadlines of a registry that its guarantees state. Each is set when the event happens that starts it. */
import type { WebSocketManager, WebSocketManagerRegistry } from '../../../../src/index.ts';
import { optionOf, type Settings } from '../scenario.ts';
import { Deadlines } from './deadlines.ts';
import { isPingBroken, type Line } from './ground-truth.ts';
import type { Clock } from './pause-times.ts';
import type { ManagerRecord } from './records.ts';

export class RegistryDeadlines {
  /** Emergency cleanups under way, by user. */
  readonly emergencies: Deadlines<string>;
  /** Managers without an open line, and when they must be gone. */
  readonly empties: Deadlines<WebSocketManager>;
  /** Calls of the registry that have not settled. */
  readonly calls: Deadlines<object>;
  /** Lines whose peer has fallen silent, and when they must have been found. */
  readonly silences: Deadlines<Line>;
  /** Since when. */
  readonly silentSinceMs = new WeakMap<Line, number>();
  /** Lines that lost their connection id to another, and when they must be closed. */
  readonly replaced: Deadlines<Line>;
  /** The next background sweep, due as long as there is a manager. */
  readonly sweeps: Deadlines<WebSocketManagerRegistry>;
  /** The shutdown under way. */
  readonly shutdowns: Deadlines<object>;
  readonly #settings: Settings;
  readonly #clock: Clock;

  constructor(settings: Settings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.emergencies = new Deadlines(clock);
    this.empties = new Deadlines(clock);
    this.calls = new Deadlines(clock);
    this.silences = new Deadlines(clock);
    this.replaced = new Deadlines(clock);
    this.sweeps = new Deadlines(clock);
    this.shutdowns = new Deadlines(clock);
  }

  /** Its process has ended: its deadlines do not apply any more. */
  clear(): void {
    const { emergencies, empties, calls, shutdowns, silences, replaced, sweeps } = this;
    for (const watch of [emergencies, empties, calls, shutdowns, silences, replaced, sweeps]) {
      watch.clear();
    }
  }

  /** The peer of this line stops answering now. */
  fellSilent(line: Line): void {
    const intervalMs = this.#option('heartbeatIntervalMs');
    if (intervalMs === 0 || this.silentSinceMs.has(line)) return;
    this.silentSinceMs.set(line, this.#clock.nowMs);
    this.#findBy(line, 0);
  }

  /** The machine of a silent peer acknowledges bytes until its buffers are full, and that is a sign of life. */
  flooded(line: Line, forMs: number): void {
    if (this.silences.has(line)) this.#findBy(line, forMs);
  }

  #findBy(line: Line, busyMs: number): void {
    const sinceMs = this.silentSinceMs.get(line);
    const boundMs = this.#option('heartbeatIntervalMs') + this.#option('heartbeatTimeoutMs');
    this.silences.set(
      line,
      // Segments in transit still arrive, and the inspection wheel has its own granularity.
      this.#clock.nowMs + busyMs + boundMs + 3_000,
      () => `${line.tab} fell silent at ${sinceMs} ms, and its connection is still there`,
      // The liveness of a peer that cannot be pinged is unknown, and a closing connection has a bound of its own.
      () => line.socket.destroyed || isPingBroken(line) || line.connection.state !== 'open',
    );
  }

  /** A manager without a connection is removed when its grace period is over. */
  removalOf(record: ManagerRecord): void {
    const graceMs = Math.max(this.#option('birthGraceMs'), this.#option('reconnectGraceMs'));
    // An upgrade that reserved it may still authenticate, and may be aborted after that.
    const doorMs = this.#option('authenticationTimeoutMs') + this.#option('closeTimeoutMs');
    const emptySinceMs = this.#clock.nowMs;
    this.empties.set(
      record.manager,
      emptySinceMs + graceMs + doorMs,
      () =>
        `${record.isolationKey} has had no connection since ${emptySinceMs} ms and is still there`,
    );
  }

  /** A connection that lost its id gets a close frame, and its socket is destroyed. */
  endOf(line: Line, connectionId: string): void {
    this.replaced.set(
      line,
      this.#clock.nowMs + this.#option('closeTimeoutMs') + 2_000,
      () => `${line.tab} lost its connection id ${connectionId}, and its socket is still open`,
      () => line.socket.destroyed,
    );
  }

  /** @param managers How many there are; called only when the sweep is late. */
  sweepOf(registry: WebSocketManagerRegistry, managers: () => number): void {
    const sinceMs = this.#clock.nowMs;
    this.sweeps.set(
      registry,
      sinceMs + this.#option('sweepIntervalMs') + 1_000,
      () => `no background sweep since ${sinceMs} ms, ${managers()} managers are there`,
      () => this.shutdowns.size > 0,
    );
  }

  emergencyOf(userId: string): void {
    const startedMs = this.#clock.nowMs;
    this.emergencies.set(
      userId,
      startedMs + this.#option('emergencyDeadlineMs'),
      () => `emergency cleanup of ${userId}, started at ${startedMs} ms, is still under way`,
    );
  }

  /** A call of the registry settles within its stated bound. Returns the function to call when it has. */
  settlementOf(what: string, boundMs: number): () => void {
    const key = {};
    const startedMs = this.#clock.nowMs;
    this.calls.set(
      key,
      startedMs + boundMs + 2_000,
      () => `${what}, called at ${startedMs} ms, is pending`,
    );
    return () => this.calls.met(key);
  }

  #option(name: Parameters<typeof optionOf>[1]): number {
    return optionOf(this.#settings, name);
  }
}
