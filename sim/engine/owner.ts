/** The process that a timer or an event belongs to, as far as the engine must know it. */

export interface Owner {
  readonly host: OwnerHost;
  /** 1 for the first start of the host, then counting up. */
  readonly incarnation: number;
  /** False once it has ended. Its timers and events then do nothing. */
  readonly alive: boolean;
  /** Set while its event loop stands still. */
  readonly pause: OwnerPause | undefined;
  /** Ordinals count per process, not per run: what one host does must not rename what another one did. */
  nextTimerOrdinal: number;
}

export interface OwnerHost {
  readonly name: string;
  /** Position among the hosts of the run. */
  readonly ordinal: number;
  /** What `Date` says in its processes. Monotonic time is not touched. */
  readonly wallClock: { offsetMs(nowMs: number): number };
}

export interface OwnerPause {
  /** Keeps a timer that came due, until the event loop goes on. */
  addTimer(ordinal: number, run: () => void): void;
}
