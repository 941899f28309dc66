/** What a fault means for those who judge: who cannot be blamed for how long, who has fallen silent, what is late. */

import { hostsOf } from '../../../run/apply-fault.ts';
import type { Fault, FaultKind } from '../../../scenario/fault.ts';
import type { ChatClient } from '../clients/chat-client.ts';
import type { Server } from '../servers/server-under-test.ts';
import { ClientExcuses } from './client-excuses.ts';
import { PauseTimes } from './pause-times.ts';

/** Faults after which the peer answers nothing any more, on that connection. */
const silences: ReadonlySet<FaultKind> = new Set(['half-open', 'address-change']);

/** Faults that lose segments, or SYNs, for a time. */
const cuts: ReadonlySet<FaultKind> = new Set(['partition', 'blackhole']);

/** Who is there to be struck. */
export interface FaultContext {
  readonly nowMs: number;
  readonly servers: readonly Server[];
  readonly tabs: ReadonlyMap<string, ChatClient>;
  /** A fault makes it doubtful whether this tab's upgrade is answered at all. */
  excuseUpgrade(tab: ChatClient): void;
}

export class FaultExcuses {
  readonly clientExcuses = new ClientExcuses();
  /** Of any server. */
  readonly pauseTimes = new PauseTimes();
  readonly #context: FaultContext;
  /** Until when a proxy answers for clients that are gone. */
  #zombiesUntilMs = 0;
  #silentDropsUntilMs = 0;

  constructor(context: FaultContext) {
    this.#context = context;
  }

  /** A proxy may end a connection that waits, and tell neither end. */
  get dropsSilently(): boolean {
    return this.#context.nowMs < this.#silentDropsUntilMs;
  }

  struck(fault: Fault): void {
    const { nowMs, servers, tabs } = this.#context;
    const server = servers.find(({ host }) => host.name === fault.host);
    if (fault.kind === 'clock-jump' || fault.kind === 'clock-drift') {
      // No end is told.
      server?.wallClockSteps.push(nowMs);
    } else if (fault.kind === 'pause' && server !== undefined) {
      // Its peers are as well as before, and must not be taken for dead.
      server.pauseTimes.add(nowMs, fault.durationMs);
      this.pauseTimes.add(nowMs, fault.durationMs);
    } else if (fault.kind === 'proxy') {
      const untilMs = nowMs + fault.durationMs;
      if (fault.zombie === true) this.#zombiesUntilMs = untilMs;
      if (fault.silentDrop === true) {
        this.#silentDropsUntilMs = untilMs;
        // Whose SYN was lost before may come in now, through the proxy.
        for (const tab of tabs.values()) this.#context.excuseUpgrade(tab);
      }
    } else {
      this.#strike(fault, server);
    }
  }

  /** These tabs answer nothing from now on: to one server, or to any. */
  fellSilent(tabs: readonly ChatClient[], only?: Server): void {
    // The server cannot know: the proxy answers for them.
    if (this.#context.nowMs < this.#zombiesUntilMs) return;
    for (const { recorder } of only === undefined ? this.#context.servers : [only]) {
      for (const tab of tabs) {
        for (const line of recorder?.managers.linesTo(tab.name) ?? [])
          recorder?.due.fellSilent(line);
      }
    }
  }

  #strike(fault: Fault, server: Server | undefined): void {
    const tabs = this.#tabsStruckBy(fault);
    for (const tab of tabs) {
      this.#context.excuseUpgrade(tab);
      this.#excuse(tab.name, fault);
    }
    if (silences.has(fault.kind) || fault.kind === 'power-loss') this.fellSilent(tabs, server);
    if (fault.kind === 'kill' || fault.kind === 'power-loss') server?.died();
  }

  #excuse(tab: string, fault: Fault): void {
    const { nowMs } = this.#context;
    const durationMs = 'durationMs' in fault ? fault.durationMs : 0;
    if (silences.has(fault.kind)) this.clientExcuses.until(tab, Number.POSITIVE_INFINITY);
    // The next retransmission after the end may come as late again as the cut was long.
    else if (cuts.has(fault.kind)) this.clientExcuses.cutUntil(tab, nowMs + 2 * durationMs + 1_000);
    // What was sent before its end is on its way for a while.
    else if (fault.kind === 'slow-link')
      this.clientExcuses.cutUntil(tab, nowMs + durationMs + 2 * fault.addedMs);
    // Nor does a process say or hear anything that stands still.
    else if (fault.kind === 'pause') this.clientExcuses.cutUntil(tab, nowMs + durationMs);
    else this.clientExcuses.until(tab, nowMs + durationMs);
  }

  /** The tabs that a fault may keep from speaking or hearing. */
  #tabsStruckBy(fault: Fault): ChatClient[] {
    const { servers, tabs } = this.#context;
    const hosts = hostsOf(fault);
    if (servers.some(({ host }) => hosts.includes(host.name))) return [...tabs.values()];
    return hosts.flatMap((name) => tabs.get(name) ?? []);
  }
}
