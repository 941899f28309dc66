/**
 * What happens to a host and its process from outside: boot, kill, signal, power loss, another address. What a process
 * owns ends with it here. Does not decide when: a scenario or its system does.
 */
import type { RandomSource } from '../../engine/random.ts';
import { makeProcessRandom } from '../../process/process-random.ts';
import { SimulatedProcess } from '../../process/simulated-process.ts';
import type { Network } from '../network.ts';
import type { Host } from './host.ts';
import type { Hosts } from './hosts.ts';

/** What a process needs of the engine when it starts and when it ends. */
interface ProcessTime {
  /** Code of `host` begins to run, so an error is its error. */
  enterHost(host: string): void;
  clearTimersOf(owner: SimulatedProcess): void;
}

export class HostControl {
  readonly #hosts: Hosts;
  readonly #network: Network;
  readonly #time: ProcessTime;
  readonly #random: RandomSource;

  constructor(hosts: Hosts, network: Network, time: ProcessTime, random: RandomSource) {
    this.#hosts = hosts;
    this.#network = network;
    this.#time = time;
    this.#random = random;
  }

  /** Starts the process of a host that has none. */
  boot(host: Host): void {
    if (host.process?.alive) return;
    if (!host.up) this.#network.powerRestored(host);
    host.incarnations += 1;
    const random = makeProcessRandom(this.#random, host.name, host.incarnations);
    host.process = new SimulatedProcess(host, host.incarnations, random);
    this.#time.enterHost(host.name);
    host.process.run(host.boot);
  }

  /** `kill -9`: nothing of the process runs any more, and the kernel closes its sockets. */
  kill(host: Host): void {
    if (this.#end(host)) this.#network.processDied(host);
  }

  /**
   * Sends a signal to the process of `host`: its handlers run when its event loop does; without one the process ends, as
   * by Node's default for `SIGTERM`, `SIGINT` and `SIGHUP`.
   */
  signal(host: Host, name: NodeJS.Signals): void {
    const { process: owner } = host;
    if (owner === undefined || !owner.alive) return;
    if (name === 'SIGKILL' || owner.processEvents.listenerCount(name) === 0) this.kill(host);
    else owner.runInLoop(() => owner.processEvents.emit(name, name));
  }

  /** The machine loses power: nothing of the process runs any more, and its peers are not told. */
  losePower(host: Host): void {
    if (!this.#end(host) && !host.up) return;
    this.#network.powerLost(host);
  }

  /** The machine is in another network: its connections are silent for good. */
  changeAddress(host: Host): void {
    this.#network.sever(host);
    this.#hosts.changeAddress(host);
  }

  /** The run is over: what is left of each process lets go of what Node would hold for ever. */
  abandonAll(): void {
    for (const host of this.#hosts.all) {
      if (host.process !== undefined) host.process.alive = false;
      for (const socket of host.sockets) socket.abandon();
      // Node's clock for HTTP dates is a real timer that holds the process that asked first, for up to a second. It must
      // not hold the whole world, nor what a parser that the next run is given leads to.
      host.sockets.clear();
      host.endpoints.clear();
      host.listeners.clear();
      host.process = undefined;
    }
  }

  /** Returns whether a process was there to end. */
  #end(host: Host): boolean {
    const { process: owner } = host;
    if (owner === undefined || !owner.alive) return false;
    owner.end();
    this.#time.clearTimersOf(owner);
    // Nothing of it runs any more, so it closes no socket, and each holds all that the process had.
    for (const socket of host.sockets) socket.abandon();
    host.sockets.clear();
    return true;
  }
}
