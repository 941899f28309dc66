/**
 * What a fault means for the invariants: which tabs are excused and for how long, which are silent, what may be late.
 */

import { hostsOf } from '../../../run/apply-fault.ts';
import type { Fault, FaultKind } from '../../../scenario/fault.ts';
import type { ChatClient } from '../clients/chat-client.ts';
import type { Server } from '../servers/server-under-test.ts';
import { ClientExcuses } from './client-excuses.ts';
import { PauseTimes } from './pause-times.ts';

/** Faults after which the peer never answers on that connection again. */
const silences: ReadonlySet<FaultKind> = new Set(['half-open', 'address-change']);

/** Faults that lose segments, or SYNs, for a time. */
const cuts: ReadonlySet<FaultKind> = new Set(['partition', 'blackhole']);

/** The clients and servers that a fault can affect. */
export interface FaultContext {
  readonly nowMs: number;
  readonly servers: readonly Server[];
  readonly tabs: ReadonlyMap<string, ChatClient>;
  /** This fault may prevent any answer to the upgrade of this tab. */
  excuseUpgrade(tab: ChatClient): void;
}

export class FaultExcuses {
  readonly clientExcuses = new ClientExcuses();
  /** Of any server. */
  readonly pauseTimes = new PauseTimes();
  readonly #context: FaultContext;
  /** Until when a proxy answers in place of clients that are gone. */
  #zombiesUntilMs = 0;
  #silentDropsUntilMs = 0;

  constructor(context: FaultContext) {
    this.#context = context;
  }

  /** A proxy may end a waiting connection without notice to either end. */
  get dropsSilently(): boolean {
    return this.#context.nowMs < this.#silentDropsUntilMs;
  }

  struck(fault: Fault): void {
    const { nowMs, servers, tabs } = this.#context;
    const server = servers.find(({ host }) => host.name === fault.host);
    if (fault.kind === 'clock-jump' || fault.kind === 'clock-drift') {
      // Neither end is notified.
      server?.wallClockSteps.push(nowMs);
    } else if (fault.kind === 'pause' && server !== undefined) {
      // Its peers are as responsive as before, and must not count as dead.
      server.pauseTimes.add(nowMs, fault.durationMs);
      this.pauseTimes.add(nowMs, fault.durationMs);
    } else if (fault.kind === 'proxy') {
      const untilMs = nowMs + fault.durationMs;
      if (fault.zombie === true) this.#zombiesUntilMs = untilMs;
      if (fault.silentDrop === true) {
        this.#silentDropsUntilMs = untilMs;
        // A tab whose SYN was lost before may connect now, through the proxy.
        for (const tab of tabs.values()) this.#context.excuseUpgrade(tab);
      }
    } else {
      this.#strike(fault, server);
    }
  }

  /** These tabs stop answering now: to one server, or to all. */
  fellSilent(tabs: readonly ChatClient[], only?: Server): void {
    // The server cannot notice it: the proxy answers in their place.
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

  /** The tabs whose traffic a fault may block. */
  #tabsStruckBy(fault: Fault): ChatClient[] {
    const { servers, tabs } = this.#context;
    const hosts = hostsOf(fault);
    if (servers.some(({ host }) => hosts.includes(host.name))) return [...tabs.values()];
    return hosts.flatMap((name) => tabs.get(name) ?? []);
  }
}
