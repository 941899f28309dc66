/**
 * One run: virtual time, hosts, network, chance and trace, and the loop that lets one event happen at a time. Knows
 * nothing of what is simulated. The loop takes the next event in time, runs it in its owner's context, drains
 * `process.nextTick` and microtasks, puts on the wire what was written, tells the observer, and only then goes on.
 */
import type { Server, Socket } from 'node:net';
import { getDefaultHighWaterMark, setDefaultHighWaterMark } from 'node:stream';
import {
  type ActiveRun,
  type ConnectOptions,
  installRun,
  uninstallRun,
} from '../engine/active-run.ts';
import { drainTicks } from '../engine/drain.ts';
import { SimulationError } from '../engine/errors.ts';
import {
  beforeTimers,
  EventQueue,
  type PlannedEvent,
  type QueuedEvent,
} from '../engine/event-queue.ts';
import { type Random, RandomSource } from '../engine/random.ts';
import { type EventKind, Trace, type TraceRecord } from '../engine/trace.ts';
import { VirtualClock } from '../engine/virtual-clock.ts';
import { Host } from '../network/host.ts';
import { Network, type NetworkContext, unknownHost } from '../network/network.ts';
import type { Sender } from '../network/sender.ts';
import { HttpTimeouts } from '../platform/http-timeouts.ts';
import {
  currentProcess,
  makeProcessRandom,
  SimulatedProcess,
} from '../process/simulated-process.ts';
import { UncaughtErrors } from '../process/uncaught.ts';
import type { NetworkProfile } from '../scenario/scenario.ts';

/** Node's default since 22. Node 20 has a quarter of it, and would see other backpressure and give another digest. */
const streamBufferBytes = 65_536;

export interface WorldOptions {
  readonly seed: number;
  readonly network: NetworkProfile;
  /** Events that may happen at one virtual millisecond before the run is called a livelock. @default 100_000 */
  readonly eventsPerInstantMax?: number;
  readonly onTrace?: ((record: TraceRecord) => void) | undefined;
}

/** An error that nobody caught, and whose code it came from. */
export interface Crash {
  readonly error: unknown;
  readonly host: string | undefined;
}

/** Called after every event, outside any life. Throwing here is a bug of the observer, not of the run. */
export type AfterEvent = () => void;

export class World implements ActiveRun, NetworkContext {
  readonly random: RandomSource;
  readonly profile: NetworkProfile;
  readonly network: Network;
  /** What stopped the run before its time. */
  crash: Crash | undefined;
  /** Set when a tick has thrown: what comes out of `drain` is then the error of the code under test, not the engine's. */
  threwInDrain = false;
  /** Set when an invariant has broken: nothing more happens. */
  halted = false;
  /** Ordinal of the event that is happening; 0 before the first. */
  event = 0;
  /** States that `reach` was told of, with how often. */
  readonly reached = new Map<string, number>();
  /** Called after every event. */
  afterEvent: AfterEvent = () => {};

  readonly #clock: VirtualClock;
  readonly #queue = new EventQueue();
  readonly #trace: Trace;
  readonly #hosts = new Map<string, Host>();
  readonly #hostsByAddress = new Map<string, Host>();
  readonly #uncaught: UncaughtErrors;
  readonly #eventsPerInstantMax: number;
  readonly #mathRandom = Math.random;
  readonly #nextTick = process.nextTick;
  readonly #highWaterMark = getDefaultHighWaterMark(false);
  readonly #strayRandom: Random;
  #dirty: Sender[] = [];
  #lastKind: EventKind = 'phase';
  #lastHost: string | undefined;
  #lastId = 0;
  #instantMs = -1;
  #eventsThisInstant = 0;

  /** Takes over the process. Call `dispose` in a `finally`. */
  constructor(options: WorldOptions) {
    installRun(this);
    this.random = new RandomSource(options.seed);
    this.#strayRandom = this.random.for('engine');
    this.profile = options.network;
    this.#eventsPerInstantMax = options.eventsPerInstantMax ?? 100_000;
    this.#trace = new Trace(options.onTrace);
    this.#uncaught = new UncaughtErrors((error) => this.#stop(error));
    try {
      this.#clock = new VirtualClock({
        world: this,
        timerFires: (kind, owner, ordinal, cause) => this.#begin(kind, owner, ordinal, cause),
      });
    } catch (error) {
      this.#uncaught.dispose();
      uninstallRun(this);
      throw error;
    }
    setDefaultHighWaterMark(false, streamBufferBytes);
    Math.random = () => (currentProcess()?.random.math ?? this.#strayRandom).unit();
    this.network = new Network(this, new HttpTimeouts(this));
  }

  dispose(): void {
    for (const host of this.#hosts.values()) {
      if (host.process !== undefined) host.process.alive = false;
      for (const socket of host.sockets) socket.abandon();
      // Node's clock for HTTP dates is a real timer that holds the life that asked first, for up to a second. It must
      // not hold the whole world, nor what a parser that the next run is given leads to.
      host.sockets.clear();
      host.endpoints.clear();
      host.listeners.clear();
      host.process = undefined;
    }
    this.network.connections.clear();
    this.#queue.clear();
    Math.random = this.#mathRandom;
    process.nextTick = this.#nextTick;
    setDefaultHighWaterMark(false, this.#highWaterMark);
    this.#clock.uninstall();
    this.#uncaught.dispose();
    uninstallRun(this);
  }

  // Time and events.

  get eventNumber(): number {
    return this.event;
  }

  /** Virtual milliseconds since the start of the run. */
  get nowMs(): number {
    return this.#clock.nowMs;
  }

  get lastEvent(): string {
    const who = this.#lastHost === undefined ? '' : ` ${this.#lastHost}`;
    return `${this.#lastKind}${who} #${this.#lastId}`;
  }

  /** Timers that wait: of one life, or of all. */
  pendingTimers(owner?: SimulatedProcess) {
    return this.#clock.pending(owner);
  }

  /** The engine's own events that wait, what is on the network among them, in no order. */
  get pendingEvents(): readonly QueuedEvent[] {
    return this.#queue.pending();
  }

  get wireBytes(): number {
    return this.#trace.wireBytes;
  }

  digest(): string {
    return this.#trace.digest();
  }

  /** @param cause Ordinal of the event that led to it. @default the one that is happening */
  schedule(event: PlannedEvent, cause: number = this.event): QueuedEvent {
    return this.#queue.push(event, cause);
  }

  flushAfterEvent(sender: Sender): void {
    this.#dirty.push(sender);
  }

  /** True when nothing is due up to and including `untilMs`, or the run was stopped. */
  isQuietUntil(untilMs: number): boolean {
    if (this.crash !== undefined || this.halted) return true;
    const queued = this.#queue.peek();
    const timer = this.#clock.next();
    return (queued?.atMs ?? Infinity) > untilMs && (timer?.atMs ?? Infinity) > untilMs;
  }

  /** Lets the next event happen, up to the point where ticks and microtasks must be drained. */
  fireNext(): void {
    const queued = this.#queue.peek();
    const timer = this.#clock.next();
    try {
      if (queued !== undefined && (timer === undefined || goesFirst(queued, timer))) {
        this.#queue.pop();
        this.#clock.moveTo(queued.atMs);
        if (queued.isHeld?.() === true) return;
        const kind = queued.isLost?.() === true ? 'lost' : queued.kind;
        const { payload } = queued;
        const bytes = typeof payload === 'function' ? payload() : payload;
        this.#begin(kind, queued.owner, queued.id, queued.cause, bytes, queued.data);
        queued.fire();
      } else if (timer !== undefined) {
        this.#clock.runNext();
      }
    } catch (error) {
      this.#stop(error);
    }
  }

  /**
   * Drains at once where Node lets us; otherwise the loop gives the real event loop a turn. What a `nextTick` callback
   * throws comes out here and must be thrown on: only Node's own handling of it unwinds the stack of async hooks.
   */
  drain(): void {
    try {
      drainTicks();
    } catch (error) {
      this.#stop(error);
      this.threwInDrain = true;
      throw error;
    }
  }

  /** Closes the event that `fireNext` began, once everything that it set off is drained. */
  finishEvent(): void {
    const dirty = this.#dirty;
    if (dirty.length > 0) {
      this.#dirty = [];
      for (const sender of dirty) sender.flush();
    }
    this.afterEvent();
  }

  /**
   * Counts that a state worth reaching was reached, by a name that reads as one (`'a limit was refused'`). It changes
   * nothing in the run; a campaign sums it up and can demand that each is reached sometimes.
   */
  sometimes(state: string): void {
    this.reached.set(state, (this.reached.get(state) ?? 0) + 1);
  }

  /** Moves to the end of a phase in which nothing more is due. */
  moveTo(atMs: number): void {
    if (atMs > this.nowMs) this.#clock.moveTo(atMs);
  }

  #begin(
    kind: EventKind,
    owner: SimulatedProcess | undefined,
    id: number,
    cause: number,
    payload?: Uint8Array,
    data?: unknown,
  ): void {
    this.event += 1;
    this.#lastKind = kind;
    this.#lastHost = owner?.host.name;
    this.#lastId = id;
    const { nowMs } = this;
    this.#trace.add(
      this.event,
      nowMs,
      kind,
      owner?.host,
      owner?.incarnation ?? 0,
      cause,
      id,
      payload,
      data,
    );
    if (nowMs !== this.#instantMs) {
      this.#instantMs = nowMs;
      this.#eventsThisInstant = 0;
    }
    if (++this.#eventsThisInstant > this.#eventsPerInstantMax) {
      throw new SimulationError(
        'ERR_SIM_LIVELOCK',
        `${this.#eventsPerInstantMax} events at virtual millisecond ${nowMs} without time going on; the last: ${this.event} ${this.lastEvent}`,
      );
    }
  }

  /** The first error ends the run; what follows from it is noise. */
  #stop(error: unknown): void {
    this.crash ??= { error, host: this.#lastHost };
  }

  // Hosts.

  addHost(name: string, boot: () => void): Host {
    const host = new Host(name, this.#hosts.size, boot);
    this.#hosts.set(name, host);
    this.#hostsByAddress.set(host.address, host);
    return host;
  }

  get hosts(): readonly Host[] {
    return [...this.#hosts.values()];
  }

  host(name: string): Host {
    const host = this.#hosts.get(name);
    if (host === undefined) throw unknownHost(name);
    return host;
  }

  hostNamed(nameOrAddress: string): Host | undefined {
    return this.#hosts.get(nameOrAddress) ?? this.#hostsByAddress.get(nameOrAddress);
  }

  hostOf(owner: SimulatedProcess): Host {
    return this.host(owner.host.name);
  }

  /** Starts the process of a host that has none. */
  boot(host: Host): void {
    if (host.process?.alive) return;
    if (!host.up) this.network.powerRestored(host);
    host.incarnations += 1;
    const { name } = host;
    const { incarnations } = host;
    const owner = new SimulatedProcess(
      host,
      incarnations,
      makeProcessRandom(this.random, name, incarnations),
    );
    host.process = owner;
    this.#lastHost = name;
    owner.run(host.boot);
  }

  /** `kill -9`: nothing of the process runs any more, and the kernel closes its sockets. */
  kill(host: Host): void {
    if (!this.#end(host)) return;
    this.network.processDied(host);
  }

  /**
   * Sends a signal to the process of `host`: its handlers run when its event loop does; without one the process ends, as
   * by Node's default for `SIGTERM`, `SIGINT` and `SIGHUP`.
   */
  signal(host: Host, name: NodeJS.Signals): void {
    const { process: owner } = host;
    if (owner === undefined || !owner.alive) return;
    if (name === 'SIGKILL' || owner.processEvents.listenerCount(name) === 0) this.kill(host);
    else this.whenAwake(host, () => owner.run(() => owner.processEvents.emit(name, name)));
  }

  /**
   * Has code of `host` run: at once, or when its event loop goes on, if that stands still. For what a system under test
   * does to a host from outside.
   */
  whenAwake(host: Host, body: () => void): void {
    const pause = host.process?.pause;
    if (pause === undefined) body();
    else pause.addDelivery(0, body);
  }

  /** The machine is in another network: its connections are silent for good. */
  changeAddress(host: Host): void {
    this.network.sever(host);
    this.#hostsByAddress.delete(host.address);
    host.changeAddress();
    this.#hostsByAddress.set(host.address, host);
  }

  /** The machine loses power: nothing of the process runs any more, and nobody is told. */
  losePower(host: Host): void {
    if (!this.#end(host) && !host.up) return;
    this.network.powerLost(host);
  }

  #end(host: Host): boolean {
    const { process: owner } = host;
    if (owner === undefined || !owner.alive) return false;
    owner.alive = false;
    owner.pause = undefined;
    this.#clock.clearAllOf(owner);
    // Nothing of it runs any more, so nobody closes them, and each holds all that the process had.
    for (const socket of host.sockets) socket.abandon();
    host.sockets.clear();
    return true;
  }

  // What the shims ask for.

  fillRandom(bytes: Uint8Array, owner: SimulatedProcess | undefined): void {
    (owner?.random.crypto ?? this.#strayRandom).fill(bytes);
  }

  connect(options: ConnectOptions, owner: SimulatedProcess): Socket {
    return this.network.connect(options, owner);
  }

  listen(server: Server, port: number, owner: SimulatedProcess): void {
    this.network.listen(server, port, owner);
  }

  lookUp(name: string): string | undefined {
    return this.hostNamed(name)?.address;
  }

  completeWork(complete: () => void): void {
    const owner = currentProcess();
    this.schedule({
      kind: 'zlib',
      atMs: this.nowMs,
      side: beforeTimers,
      owner,
      id: 0,
      fire: () => {
        if (owner === undefined) complete();
        else if (owner.pause !== undefined) owner.pause.addDelivery(0, () => owner.run(complete));
        else if (owner.alive) owner.run(complete);
      },
    });
  }

  escape(error: SimulationError): void {
    this.#stop(error);
  }

  /** After a hang: ticks that make ticks would keep Node itself busy for ever, so code of a host makes no more. */
  refuseTicks(): void {
    const nextTick = this.#nextTick;
    process.nextTick = (callback: (...args: unknown[]) => unknown, ...args: unknown[]) => {
      if (currentProcess() === undefined) nextTick(callback, ...args);
    };
  }
}

/** Immediates run before everything else that is due, as after Node's poll phase; then by time and side. */
function goesFirst(
  queued: QueuedEvent,
  timer: { readonly atMs: number; readonly immediate: boolean },
): boolean {
  if (queued.atMs !== timer.atMs) return queued.atMs < timer.atMs;
  return !timer.immediate && queued.side === beforeTimers;
}
