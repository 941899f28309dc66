/**
 * Builds a scenario action by action. A workload states what is special to it, and uses the defaults here for the rest.
 */
import type { Fault } from '../../../scenario/fault.ts';
import {
  defaultNetwork,
  type Json,
  type NetworkProfile,
  type Range,
} from '../../../scenario/scenario.ts';
import type { AttackName } from '../clients/attacks.ts';
import type { Expect, RegistryAction, RegistryScenario, Settings } from '../scenario.ts';

export interface PlanOptions {
  readonly name: string;
  readonly seed: number;
  readonly durationMs: number;
  /** @default 90_000: the longest grace, a close handshake and a minute over. */
  readonly settleMs?: number;
  readonly network?: Partial<NetworkProfile>;
  readonly registry?: { readonly [option: string]: Json };
  readonly authenticationMs?: Range;
  /** Settings that have a default of their own. */
  readonly server?: Pick<Settings, 'servers' | 'guardsRooms'>;
}

interface ConnectDetails {
  readonly clientId?: string | null;
  readonly threadId?: string | null;
  readonly connectionId?: string | null;
  readonly retry?: boolean;
  readonly heeds?: boolean;
}

export class Plan {
  readonly actions: RegistryAction[] = [];
  readonly faults: Fault[] = [];
  readonly #options: PlanOptions;
  readonly #registry: { [option: string]: Json };

  constructor(options: PlanOptions) {
    this.#options = options;
    this.#registry = { ...options.registry };
  }

  /** By default a tab is its own client and thread. */
  connect(atMs: number, tab: string, details: ConnectDetails = {}): void {
    const { clientId = `client-of-${tab}`, threadId = null, connectionId = null } = details;
    const { retry = false, heeds } = details;
    this.actions.push({
      kind: 'connect',
      atMs,
      tab,
      clientId,
      threadId,
      connectionId,
      retry,
      ...(heeds === undefined ? {} : { heeds }),
    });
  }

  tab(
    kind: 'close' | 'drop' | 'deafen' | 'move' | 'reload' | 'post' | 'release' | 'break-ping',
    atMs: number,
    tab: string,
  ): void {
    this.actions.push({ kind, atMs, tab });
  }

  trespass(atMs: number, tab: string, by: string): void {
    this.actions.push({ kind: 'trespass', atMs, tab, by });
  }

  say(atMs: number, tab: string, characters: number): void {
    this.actions.push({ kind: 'say', atMs, tab, characters });
  }

  flood(atMs: number, tab: string, messages: number, characters: number): void {
    this.actions.push({ kind: 'flood', atMs, tab, messages, characters });
  }

  attack(atMs: number, attacker: string, how: AttackName): void {
    this.actions.push({ kind: 'attack', atMs, attacker, how });
  }

  acquire(atMs: number, user: string, clientId: string): void {
    this.actions.push({ kind: 'acquire', atMs, user, clientId });
  }

  cleanup(atMs: number, user: string): void {
    this.actions.push({ kind: 'cleanup', atMs, user });
  }

  terminate(atMs: number, drainMs: number, downMs: number): void {
    this.actions.push({ kind: 'terminate', atMs, drainMs, downMs });
  }

  /** Exactly `value`, or at least `value` and at most `most`. */
  expect(
    atMs: number,
    figure: Expect['figure'],
    user: string | null,
    value: number,
    most = value,
  ): void {
    this.actions.push({ kind: 'expect', atMs, figure, user, least: value, most });
  }

  /** The tab's machine vanishes silently, and returns in another network `awayMs` later. */
  away(atMs: number, tab: string, forMs: number): void {
    this.fault({ kind: 'address-change', atMs, host: tab });
    this.tab('move', atMs + forMs, tab);
  }

  /** Sets an option of the registry, unless it is already set. */
  option(name: string, value: Json): void {
    this.#registry[name] ??= value;
  }

  fault(fault: Fault): void {
    this.faults.push(fault);
  }

  /** Actions after the end of the scenario are left out, so that callers need not check it. */
  scenario(bug: string | undefined): RegistryScenario {
    const { name, seed, durationMs, settleMs = 90_000 } = this.#options;
    const { network, authenticationMs = { min: 0, max: 0 }, server = {} } = this.#options;
    const inTime = ({ atMs }: { readonly atMs: number }) => atMs <= durationMs;
    return {
      format: 1,
      name,
      seed,
      network: { ...defaultNetwork, ...network },
      actions: this.actions.filter(inTime),
      faults: this.faults.filter(inTime),
      durationMs,
      settleMs,
      settings: {
        registry: { ...this.#registry },
        authenticationMs: { min: authenticationMs.min, max: authenticationMs.max },
        ...server,
        bug: bug ?? null,
      },
    };
  }
}
