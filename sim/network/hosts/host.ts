/**
 * A simulated machine: what its kernel holds, which outlives its process, and that process while there is one. Does not
 * start or end the process: that is `host-control.ts`.
 */
import type { AsyncResource } from 'node:async_hooks';
import type { Server } from 'node:net';
import type { SimulatedProcess } from '../../process/simulated-process.ts';
import { WallClock } from '../../process/wall-clock.ts';
import type { Endpoint, EndpointSocket, Machine } from '../ports.ts';
import type { ReverseProxy } from '../proxy/proxy-options.ts';

/** A bound port. */
export interface Listener {
  readonly host: Host;
  readonly server: Server;
  readonly owner: SimulatedProcess;
  /** The asynchronous context of the call to `listen`, in which Node delivers connections. */
  readonly resource: AsyncResource;
}

export class Host implements Machine {
  readonly name: string;
  readonly ordinal: number;
  readonly wallClock = new WallClock();
  /** What the process does when it starts. */
  readonly boot: () => void;
  /** The process that runs, if one does. */
  process: SimulatedProcess | undefined;
  /** False while the machine has no power. A machine whose process was killed is still up, and answers with resets. */
  up = true;
  incarnations = 0;
  readonly listeners = new Map<number, Listener>();
  /** Every TCP endpoint that the kernel still knows. */
  readonly endpoints = new Set<Endpoint>();
  /** Every socket of its processes that was not destroyed; those of processes that have ended among them. */
  readonly sockets = new Set<EndpointSocket>();
  /** Until when new connections are refused, in virtual milliseconds. */
  refusesUntilMs = 0;
  /** Until when new connections go unanswered, in virtual milliseconds. */
  blackholeUntilMs = 0;
  /** What stands between it and the clients that connect to it. */
  proxy: ReverseProxy | undefined;
  /** What is added to each segment's latency, until when. */
  slowLink = { addedMs: 0, untilMs: 0 };
  #addressChanges = 0;
  #nextPort = 49_152;
  nextConnection = 1;

  constructor(name: string, ordinal: number, boot: () => void) {
    this.name = name;
    this.ordinal = ordinal;
    this.boot = boot;
  }

  get address(): string {
    const { ordinal } = this;
    const low = `${(ordinal >> 8) & 255}.${(ordinal & 255) + 1}`;
    if (this.#addressChanges === 0) return `10.${(ordinal >> 16) & 255}.${low}`;
    // The space that carriers share among their customers (RFC 6598).
    return `100.${64 + ((this.#addressChanges - 1) % 64)}.${low}`;
  }

  changeAddress(): void {
    this.#addressChanges += 1;
  }

  /** Faults have stopped. */
  recover(nowMs: number): void {
    this.refusesUntilMs = 0;
    this.blackholeUntilMs = 0;
    this.proxy = undefined;
    this.slowLink = { addedMs: 0, untilMs: 0 };
    this.wallClock.steady(nowMs);
  }

  /** @deprecated Renamed to `process`. */
  get life(): SimulatedProcess | undefined {
    return this.process;
  }

  /** An ephemeral port (RFC 6335, section 6), in turn. */
  takePort(): number {
    const port = this.#nextPort;
    this.#nextPort = port === 65_535 ? 49_152 : port + 1;
    return port;
  }
}
