/** What a row of the table is: something that goes wrong, what it breaks in a naive server, and what the registry has against it. */

import type { RegistryOptions } from '../../../../src/index.ts';
import { defaultNetwork, type Fault, type FaultKind } from '../../../scenario/scenario.ts';
import {
  type ChatAction,
  type ChatScenario,
  type Misbehaviour,
  misbehaviourKinds,
  type Post,
} from '../actions.ts';
import type { ChatSettings } from '../chat.ts';
import type { Habits } from '../servers/naive-server.ts';

/** Faults of the engine, and what clients and operators do. */
export type FaultClass = FaultKind | Misbehaviour['kind'];

export interface Row {
  readonly fault: FaultClass;
  /** What happens, as the end of "when …". */
  readonly when: string;
  /** What the naive server does wrong. */
  readonly mistake: string;
  readonly habits?: Habits;
  /** The oracle that the naive server breaks. */
  readonly breaks: string;
  /** What the registry has against it. */
  readonly against: string;
  readonly options?: RegistryOptions;
  /** Options that take that away: the registry then fails as the naive server does. */
  readonly disarm?: RegistryOptions;
  readonly settings?: Partial<ChatSettings>;
  /** What happens anyhow. */
  readonly actions: readonly ChatAction[];
  readonly faults?: readonly Fault[];
  /** The fault: the naive server copes with all the rest. */
  readonly trouble: readonly (Fault | Misbehaviour)[];
  readonly durationMs: number;
}

const defaults: ChatSettings = {
  tabsPerUserMax: 20,
  authenticationMs: 20,
  messagesPerSecondMax: 1_000,
};

/** What waits for the timers that a server is allowed: the ends of graces, heartbeats, sweeps. */
const settleMs = 180_000;

export function scenarioOf(row: Row, weather: 'calm' | 'trouble'): ChatScenario {
  const trouble = weather === 'trouble' ? row.trouble : [];
  return {
    format: 1,
    name: `${row.fault}, ${weather}`,
    seed: 1,
    network: defaultNetwork,
    actions: [...row.actions, ...trouble.filter(isAction)],
    faults: [...(row.faults ?? []), ...trouble.filter((one) => !isAction(one))],
    durationMs: row.durationMs,
    settleMs,
    settings: { ...defaults, ...row.settings },
  };
}

/** Messages of 20 KB to ada, ten a second. */
export function stream({
  fromMs,
  messages,
  heardBy,
}: Pick<Post, 'heardBy'> & { readonly fromMs: number; readonly messages: number }): Post[] {
  return Array.from({ length: messages }, (_, index) => ({
    kind: 'post',
    atMs: fromMs + 100 * index,
    user: 'ada',
    characters: 20_000,
    heardBy,
    withinMs: 5_000,
  }));
}

function isAction(one: Fault | Misbehaviour): one is Misbehaviour {
  return misbehaviourKinds.includes(one.kind);
}
