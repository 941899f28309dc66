/** What happens in a scenario of a chat server. Plain data. */
import type { Action, Scenario } from '../../scenario/scenario.ts';
import type { ChatSettings } from './chat.ts';

/** A client connects, and reconnects whenever it has no connection. */
export interface Connect extends Action {
  readonly kind: 'connect';
  readonly client: string;
  /**
   * `get-in`: it must be connected soon after its attempt or after the last fault. `stay`: it must lose no connection
   * either.
   */
  readonly must?: 'get-in' | 'stay';
  /** How often it sends a message. The server answers each. */
  readonly talksEveryMs?: number;
  /** How long it waits for an answer before it gives up its connection. */
  readonly patienceMs?: number;
}

/** The server sends a message to all tabs of a user. */
export interface Post extends Action {
  readonly kind: 'post';
  readonly user: string;
  readonly characters: number;
  /** Clients that must receive it exactly once, within `withinMs`. */
  readonly heardBy: readonly string[];
  readonly withinMs: number;
}

/** A client misbehaves. */
export interface Misbehave extends Action {
  readonly kind: 'stop-reading' | 'broken-frame';
  readonly client: string;
}

/** The server gets SIGTERM, as in a deployment. A new process starts when the old one has ended. */
export interface Sigterm extends Action {
  readonly kind: 'sigterm';
}

/** Failures that are not faults of the engine. */
export type Misbehaviour = Misbehave | Sigterm;

export const misbehaviourKinds: readonly string[] = [
  'stop-reading',
  'broken-frame',
  'sigterm',
] satisfies Misbehaviour['kind'][];

export type ChatAction = Connect | Post | Misbehaviour;
export type ChatScenario = Scenario<ChatAction, ChatSettings>;
