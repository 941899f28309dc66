/** What a fault means for those who judge: who cannot be blamed for how long, who has fallen silent, what is late. */
import type { Fault, FaultKind } from '../engine/fault.ts';
import { hostsOf } from '../engine/faults.ts';
import type { Server } from './server.ts';
import { Stalls } from './stalls.ts';
import type { Tab } from './tab.ts';
import { Trouble } from './trouble.ts';

/** Faults after which the peer answers nothing any more, on that connection. */
const silences: ReadonlySet<FaultKind> = new Set(['half-open', 'address-change']);

/** Faults that lose segments, or SYNs, for a time. */
const cuts: ReadonlySet<FaultKind> = new Set(['partition', 'blackhole']);

/** Who is there to be struck. */
export interface Cast {
  readonly nowMs: number;
  readonly servers: readonly Server[];
  readonly tabs: ReadonlyMap<string, Tab>;
  /** A fault makes it doubtful whether this tab's upgrade is answered at all. */
  excuseUpgrade(tab: Tab): void;
}

export class Fallout {
  readonly trouble = new Trouble();
  /** Of any server. */
  readonly stalls = new Stalls();
  readonly #cast: Cast;
  /** Until when a proxy answers for clients that are gone. */
  #zombiesUntilMs = 0;
  #silentDropsUntilMs = 0;

  constructor(cast: Cast) {
    this.#cast = cast;
  }

  /** A proxy may end a connection that waits, and tell neither end. */
  get dropsSilently(): boolean {
    return this.#cast.nowMs < this.#silentDropsUntilMs;
  }

  struck(fault: Fault): void {
    const { nowMs, servers, tabs } = this.#cast;
    const server = servers.find(({ host }) => host.name === fault.host);
    if (fault.kind === 'clock-jump' || fault.kind === 'clock-drift') {
      // Nobody may notice.
      server?.wallClockSteps.push(nowMs);
    } else if (fault.kind === 'pause' && server !== undefined) {
      // Its peers are as well as before, and must not be taken for dead.
      server.stalls.add(nowMs, fault.durationMs);
      this.stalls.add(nowMs, fault.durationMs);
    } else if (fault.kind === 'proxy') {
      const untilMs = nowMs + fault.durationMs;
      if (fault.zombie === true) this.#zombiesUntilMs = untilMs;
      if (fault.silentDrop === true) {
        this.#silentDropsUntilMs = untilMs;
        // Whose SYN was lost before may come in now, through the proxy.
        for (const tab of tabs.values()) this.#cast.excuseUpgrade(tab);
      }
    } else {
      this.#strike(fault, server);
    }
  }

  /** These tabs answer nothing from now on: to one server, or to any. */
  fellSilent(tabs: readonly Tab[], only?: Server): void {
    // The server cannot know: somebody answers for them.
    if (this.#cast.nowMs < this.#zombiesUntilMs) return;
    for (const { chronicle } of only === undefined ? this.#cast.servers : [only]) {
      for (const tab of tabs) {
        for (const line of chronicle?.linesTo(tab.name) ?? []) chronicle?.due.fellSilent(line);
      }
    }
  }

  #strike(fault: Fault, server: Server | undefined): void {
    const tabs = this.#tabsStruckBy(fault);
    for (const tab of tabs) {
      this.#cast.excuseUpgrade(tab);
      this.#excuse(tab.name, fault);
    }
    if (silences.has(fault.kind) || fault.kind === 'power-loss') this.fellSilent(tabs, server);
    if (fault.kind === 'kill' || fault.kind === 'power-loss') server?.died();
  }

  #excuse(tab: string, fault: Fault): void {
    const { nowMs } = this.#cast;
    const durationMs = 'durationMs' in fault ? fault.durationMs : 0;
    if (silences.has(fault.kind)) this.trouble.until(tab, Number.POSITIVE_INFINITY);
    // The next retransmission after the end may come as late again as the cut was long.
    else if (cuts.has(fault.kind)) this.trouble.cutUntil(tab, nowMs + 2 * durationMs + 1_000);
    // What was sent before its end is on its way for a while.
    else if (fault.kind === 'slow-link')
      this.trouble.cutUntil(tab, nowMs + durationMs + 2 * fault.addedMs);
    // Nor does a process say or hear anything that stands still.
    else if (fault.kind === 'pause') this.trouble.cutUntil(tab, nowMs + durationMs);
    else this.trouble.until(tab, nowMs + durationMs);
  }

  /** The tabs that a fault may keep from speaking or hearing. */
  #tabsStruckBy(fault: Fault): Tab[] {
    const { servers, tabs } = this.#cast;
    const hosts = hostsOf(fault);
    if (servers.some(({ host }) => hosts.includes(host.name))) return [...tabs.values()];
    return hosts.flatMap((name) => tabs.get(name) ?? []);
  }
}
