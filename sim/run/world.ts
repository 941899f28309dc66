/**
 * One run as a system sees it: it connects the engine, the network and the hosts, and serves the shims. It delegates
 * everything: time to the engine, bytes to the network, and the start and end of processes to the host control.
 */
import type { Server, Socket } from 'node:net';
import { getDefaultHighWaterMark, setDefaultHighWaterMark } from 'node:stream';
import { type AfterEvent, type Crash, Engine, type Flushable } from '../engine/engine.ts';
import type { SimulationError } from '../engine/errors.ts';
import { beforeTimers, type PlannedEvent, type QueuedEvent } from '../engine/event-queue.ts';
import type { PendingTimer } from '../engine/owned-timer.ts';
import { type Random, RandomSource } from '../engine/random.ts';
import type { TraceRecord } from '../engine/trace.ts';
import type { Host } from '../network/hosts/host.ts';
import { HostControl } from '../network/hosts/host-control.ts';
import { Hosts } from '../network/hosts/hosts.ts';
import { Network, type NetworkContext } from '../network/network.ts';
import type { NetworkProfile } from '../network/profile.ts';
import { HttpServers } from '../platform/http-servers.ts';
import {
  type ActiveRun,
  type ConnectOptions,
  installRun,
  uninstallRun,
} from '../process/active-run.ts';
import { currentProcess, type SimulatedProcess } from '../process/simulated-process.ts';
import { UncaughtErrors } from '../process/uncaught.ts';

/** Node's default since 22. Node 20 has a quarter of it, which would change backpressure and so the digest. */
const streamBufferBytes = 65_536;

export interface WorldOptions {
  readonly seed: number;
  readonly network: NetworkProfile;
  /** Events that may happen at one virtual millisecond before the run is called a livelock. @default 100_000 */
  readonly eventsPerInstantMax?: number;
  readonly onTrace?: ((record: TraceRecord) => void) | undefined;
}

export type { Crash };

export class World implements ActiveRun, NetworkContext {
  readonly engine: Engine;
  readonly random: RandomSource;
  readonly profile: NetworkProfile;
  readonly network: Network;
  /** How often each `sometimes` state was reached. */
  readonly reached = new Map<string, number>();
  readonly #hosts = new Hosts();
  readonly #control: HostControl;
  readonly #uncaught: UncaughtErrors;
  readonly #mathRandom = Math.random;
  readonly #highWaterMark = getDefaultHighWaterMark(false);
  readonly #strayRandom: Random;

  /** Takes over this Node process. Call `dispose` in a `finally`. */
  constructor({ seed, network, eventsPerInstantMax, onTrace }: WorldOptions) {
    installRun(this);
    this.random = new RandomSource(seed);
    this.#strayRandom = this.random.for('engine');
    this.profile = network;
    this.#uncaught = new UncaughtErrors((error) => this.engine.stop(error));
    try {
      this.engine = new Engine({ currentOwner: currentProcess, eventsPerInstantMax, onTrace });
    } catch (error) {
      this.#uncaught.dispose();
      uninstallRun(this);
      throw error;
    }
    setDefaultHighWaterMark(false, streamBufferBytes);
    Math.random = () => (currentProcess()?.random.math ?? this.#strayRandom).unit();
    this.network = new Network(this, new HttpServers(this));
    this.#control = new HostControl(this.#hosts, this.network, this.engine, this.random);
  }

  dispose(): void {
    this.#control.abandonAll();
    this.network.connections.clear();
    Math.random = this.#mathRandom;
    setDefaultHighWaterMark(false, this.#highWaterMark);
    this.engine.dispose();
    this.#uncaught.dispose();
    uninstallRun(this);
  }

  // Time and events.

  /** Virtual milliseconds since the start of the run. */
  get nowMs(): number {
    return this.engine.nowMs;
  }

  /** Ordinal of the current event; 0 before the first. */
  get event(): number {
    return this.engine.event;
  }

  get eventNumber(): number {
    return this.engine.event;
  }

  get lastEvent(): string {
    return this.engine.lastEvent;
  }

  /** What stopped the run early. */
  get crash(): Crash | undefined {
    return this.engine.crash;
  }

  /** Set when an invariant has broken: no further event runs. */
  get halted(): boolean {
    return this.engine.halted;
  }

  set halted(halted: boolean) {
    this.engine.halted = halted;
  }

  /** Called after every event. */
  get afterEvent(): AfterEvent {
    return this.engine.afterEvent;
  }

  set afterEvent(afterEvent: AfterEvent) {
    this.engine.afterEvent = afterEvent;
  }

  /** Pending timers: of one process, or of all. */
  pendingTimers(owner?: SimulatedProcess): PendingTimer[] {
    return this.engine.pendingTimers(owner);
  }

  /** Pending events of the engine, segments in transit included, in no order. */
  get pendingEvents(): readonly QueuedEvent[] {
    return this.engine.pendingEvents;
  }

  get wireBytes(): number {
    return this.engine.wireBytes;
  }

  digest(): string {
    return this.engine.digest();
  }

  /** @param cause Ordinal of the event that led to it. @default the one that is happening */
  schedule(event: PlannedEvent, cause?: number): QueuedEvent {
    return this.engine.schedule(event, cause);
  }

  flushAfterEvent(flushable: Flushable): void {
    this.engine.flushAfterEvent(flushable);
  }

  /**
   * Counts that a run reached a state, under a name that describes it (`'an acquire was refused at the
   * limit'`). It changes nothing in the run. A campaign adds the counts up and can require that each state is reached.
   */
  sometimes(state: string): void {
    this.reached.set(state, (this.reached.get(state) ?? 0) + 1);
  }

  /** @deprecated Renamed to `sometimes`. */
  reach(state: string): void {
    this.sometimes(state);
  }

  // Hosts and their processes.

  /** @param boot The code that the process of the host runs at every start. */
  addHost(name: string, boot: () => void): Host {
    return this.#hosts.add(name, boot);
  }

  get hosts(): readonly Host[] {
    return this.#hosts.all;
  }

  /** @throws {SimulationError} `ERR_SIM_INVALID_SCENARIO` for an unknown name. */
  host(name: string): Host {
    return this.#hosts.get(name);
  }

  hostNamed(nameOrAddress: string): Host | undefined {
    return this.#hosts.find(nameOrAddress);
  }

  hostOf(owner: SimulatedProcess): Host {
    return this.#hosts.get(owner.host.name);
  }

  /** Starts the process of a host without a running one. */
  boot(host: Host): void {
    this.#control.boot(host);
  }

  /** `kill -9`: the code of the process stops, and the kernel closes its sockets. */
  kill(host: Host): void {
    this.#control.kill(host);
  }

  /** Sends a signal to the process of `host`. A process that does not handle it ends. */
  signal(host: Host, name: NodeJS.Signals): void {
    this.#control.signal(host, name);
  }

  /** The machine loses power: the code of the process stops, and its peers are not notified. */
  losePower(host: Host): void {
    this.#control.losePower(host);
  }

  /** The machine changes its network: its connections are silent for ever. */
  changeAddress(host: Host): void {
    this.#control.changeAddress(host);
  }

  /**
   * Runs `body` as code of the process of `host`: at once, or after the pause of its event loop. Does nothing if no
   * process runs. Systems use it to act on a host from outside.
   */
  runOn(host: Host, body: () => void): void {
    if (host.process?.alive === true) host.process.runInLoop(body);
  }

  /** @deprecated Use `runOn`, which runs `body` in the context of the process. */
  whenAwake(host: Host, body: () => void): void {
    if (host.process?.pause === undefined) body();
    else host.process.pause.addDelivery(0, body);
  }

  // Called by the shims.

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
        else if (owner.alive) owner.runInLoop(complete);
      },
    });
  }

  escape(error: SimulationError): void {
    this.engine.stop(error);
  }
}
