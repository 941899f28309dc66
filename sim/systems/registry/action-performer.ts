/** Performs the actions of a scenario on tabs, servers and hostile clients. It checks nothing but expectations. */
import type { ChatClient } from './clients/chat-client.ts';
import { type FigureSource, figureOf } from './figures/figures.ts';
import type { FaultExcuses } from './model/fault-excuses.ts';
import type { Connect, Expect, RegistryAction, Terminate } from './scenario.ts';
import type { Server } from './servers/server-under-test.ts';
import type { ServerWork } from './servers/server-work.ts';

/** What the actions act on. */
export interface ActionTargets extends FigureSource {
  readonly nowMs: number;
}

export class ActionPerformer {
  /** How often each fault class of the actions struck. */
  readonly faults = new Map<string, number>();
  /** Number of messages that tabs have sent. */
  messages = 0;
  readonly #targets: ActionTargets;
  readonly #work: ServerWork;
  readonly #faultExcuses: FaultExcuses;
  /** The last connect action of each tab. */
  readonly #homes = new Map<string, Connect>();

  constructor(targets: ActionTargets, work: ServerWork, faultExcuses: FaultExcuses) {
    this.#targets = targets;
    this.#work = work;
    this.#faultExcuses = faultExcuses;
  }

  perform(action: RegistryAction): void {
    const work = this.#work;
    switch (action.kind) {
      case 'connect':
        this.#homes.set(action.tab, action);
        this.#tab(action.tab).connect(action);
        return;
      case 'say':
        if (this.#tab(action.tab).say(action.characters)) this.messages += 1;
        return;
      case 'close':
        this.#tab(action.tab).close();
        return;
      case 'drop':
        this.#drop(this.#tab(action.tab));
        return;
      case 'deafen':
        if (!this.#tab(action.tab).deafen()) return;
        this.#count('deaf-client');
        this.#faultExcuses.fellSilent([this.#tab(action.tab)]);
        return;
      case 'move':
        if (this.#tab(action.tab).move()) this.#count('client-moved');
        return;
      case 'reload':
        this.#tab(action.tab).reload();
        return;
      case 'post':
        for (const server of this.#targets.servers)
          work.post(server, this.#tab(action.tab), this.#homes.get(action.tab));
        return;
      case 'flood': {
        const text = 'x'.repeat(action.characters);
        const home = this.#homes.get(action.tab);
        for (const server of this.#targets.servers)
          work.flood(server, this.#tab(action.tab), home, action.messages, text);
        return;
      }
      case 'release':
        for (const server of this.#targets.servers) work.release(server, action.tab);
        return;
      case 'trespass': {
        const owner = { tab: this.#tab(action.tab), home: this.#homes.get(action.tab) };
        const other = { tab: this.#tab(action.by), home: this.#homes.get(action.by) };
        for (const server of this.#targets.servers) work.trespass(server, owner, other);
        return;
      }
      case 'break-ping':
        for (const server of this.#targets.servers) work.breakPing(server, action.tab);
        return;
      case 'acquire':
        work.acquire(this.#server(action), action.user, action.clientId);
        return;
      case 'cleanup':
        work.cleanup(this.#server(action), action.user);
        return;
      case 'announce':
        work.announce(this.#server(action));
        return;
      case 'terminate':
        this.#terminate(action);
        return;
      case 'attack':
        this.#count(action.how);
        this.#targets.hostileClients.get(action.attacker)?.attack(action);
        return;
      case 'expect':
        this.#expect(action);
        return;
    }
  }

  #expect({ figure, user, least, most }: Expect): void {
    const value = figureOf(this.#targets, figure, user);
    if (value >= least && value <= most) return;
    const whose = user === null ? '' : ` of ${user}`;
    const range = least === most ? `${least}` : `${least} to ${most}`;
    this.#work.unmetExpectations.push(`${figure}${whose} should be ${range}, is ${value}`);
  }

  #terminate(action: Terminate): void {
    const server = this.#server(action);
    if (server.chat === undefined || server.host.process?.alive !== true) return;
    this.#count('terminate');
    for (const tab of this.#targets.tabs.values())
      this.#faultExcuses.clientExcuses.endsAt(
        tab.name,
        this.#targets.nowMs + action.drainMs + action.downMs,
      );
    this.#work.terminate(server, action.drainMs, action.downMs);
  }

  #server({ server = 'server' }: { readonly server?: string }): Server {
    return serverNamed(this.#targets.servers, server);
  }

  #tab(name: string): ChatClient {
    const tab = this.#targets.tabs.get(name);
    if (tab === undefined) throw new Error(`no tab named ${name}`);
    return tab;
  }

  #drop(tab: ChatClient): void {
    const kind = tab.isConnecting ? 'reset-during-upgrade' : 'client-reset';
    if (tab.drop()) this.#count(kind);
  }

  #count(fault: string): void {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
  }
}

/** @throws {Error} when there is no server of that name. */
export function serverNamed(servers: readonly Server[], name: string): Server {
  const server = servers.find(({ host }) => host.name === name);
  if (server === undefined) throw new Error(`no server named ${name}`);
  return server;
}
