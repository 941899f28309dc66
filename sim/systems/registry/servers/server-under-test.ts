/** One server under test: its process, which restarts, and the records of its registry. It checks nothing. */
import type { Host } from '../../../network/hosts/host.ts';
import type { World } from '../../../run/world.ts';
import type { Library } from '../library.ts';
import { Arrivals } from '../model/arrivals.ts';
import { listen } from '../model/listen.ts';
import { type Clock, PauseTimes } from '../model/pause-times.ts';
import { Recorder } from '../model/recorder.ts';
import { Totals } from '../model/totals.ts';
import type { Settings } from '../scenario.ts';
import { watchSometimes } from '../sometimes/index.ts';
import { startChatServer } from './chat-server.ts';
import type { RegistryServer } from './registry-server.ts';

export class Server implements Clock {
  readonly host: Host;
  /** The running process, if there is one. */
  chat: RegistryServer | undefined;
  /** The records of its registry. They are kept after the process has ended, until the next one starts. */
  recorder: Recorder | undefined;
  /** When its wall clock was set, or began to run too fast or slowly. */
  readonly wallClockSteps: number[] = [];
  readonly pauseTimes = new PauseTimes();
  readonly arrivals = new Arrivals();
  readonly #world: World;
  /** Totals of the incarnations that have ended. */
  readonly #past = new Totals();
  readonly #library: Library;
  readonly #settings: Settings;
  readonly #isWell: (tab: string) => boolean;

  /** @param isWell Whether a tab has been connected, reading and reachable for longer than any probe or ping. */
  constructor(
    world: World,
    name: string,
    library: Library,
    settings: Settings,
    isWell: (tab: string) => boolean,
  ) {
    this.#world = world;
    this.#library = library;
    this.#settings = settings;
    this.#isWell = isWell;
    this.host = world.addHost(name, () => this.#boot());
  }

  get nowMs(): number {
    return this.#world.nowMs;
  }

  #boot(): void {
    const world = this.#world;
    const { incarnations } = this.host;
    if (this.recorder !== undefined) this.#past.add(this.recorder.totals);
    this.recorder = undefined;
    this.chat = startChatServer(
      this.#library,
      this.#settings,
      this.#authentications(),
      (registry) => {
        registry.on('connectionOpened', () => this.arrivals.add(world.nowMs));
        const recorder = new Recorder(registry, this.#settings, incarnations, this, this.#isWell);
        listen(registry, recorder);
        this.recorder = recorder;
        watchSometimes(registry, recorder, (state) => world.sometimes(state));
      },
    );
  }

  /** Drawn for each client and request, so that leaving out one client changes nothing for the others. */
  #authentications(): (who: string) => number {
    const world = this.#world;
    const { name, incarnations } = this.host;
    const turns = new Map<string, number>();
    return (who) => {
      const turn = turns.get(who) ?? 0;
      turns.set(who, turn + 1);
      const random = world.random.for('authentication', name, incarnations, who, turn);
      return random.in(this.#settings.authenticationMs);
    };
  }

  /** The process has ended, by exit, crash or error. */
  died(): void {
    this.chat = undefined;
    this.recorder?.processDied();
  }

  /** Runs `body` as code of the server, if it is up. */
  run(body: (chat: RegistryServer, recorder: Recorder) => void): void {
    const { chat, recorder } = this;
    const { process: owner } = this.host;
    if (chat === undefined || recorder === undefined || !owner?.alive) return;
    owner.run(() => body(chat, recorder));
  }

  /** The figures of this incarnation and of those before it. */
  totals(): Totals {
    const totals = new Totals();
    totals.add(this.#past);
    if (this.recorder !== undefined) totals.add(this.recorder.totals);
    return totals;
  }
}
