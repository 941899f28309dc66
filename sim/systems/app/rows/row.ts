/** A row of the table: a fault, what it breaks in a naive server, and what the registry does about it. */

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

/** Faults of the engine, and actions of clients and operators. */
export type FaultClass = FaultKind | Misbehaviour['kind'];

export interface Row {
  readonly fault: FaultClass;
  /** The fault, worded as the end of "when …". */
  readonly when: string;
  /** What the naive server does wrong. */
  readonly mistake: string;
  readonly habits?: Habits;
  /** The oracle that the naive server breaks. */
  readonly breaks: string;
  /** What in the registry prevents it. */
  readonly against: string;
  readonly options?: RegistryOptions;
  /** Options that disable this prevention: the registry then fails as the naive server does. */
  readonly disarm?: RegistryOptions;
  readonly settings?: Partial<ChatSettings>;
  /** Actions that happen with and without the fault. */
  readonly actions: readonly ChatAction[];
  readonly faults?: readonly Fault[];
  /** The fault. Without it the naive server breaks nothing. */
  readonly trouble: readonly (Fault | Misbehaviour)[];
  readonly durationMs: number;
}

const defaults: ChatSettings = {
  tabsPerUserMax: 20,
  authenticationMs: 20,
  messagesPerSecondMax: 1_000,
};

/** Time for the timers of a server to fire: grace periods, heartbeats, sweeps. */
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
