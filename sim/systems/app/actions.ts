/** What happens in a scenario of a chat server. Plain data. */
import type { Action, Scenario } from '../../scenario/scenario.ts';
import type { ChatSettings } from './chat.ts';

/** A client connects, and comes back whenever it is without a connection. */
export interface Connect extends Action {
  readonly kind: 'connect';
  readonly client: string;
  /** `get-in`: is connected, soon after it asked or the trouble was over. `stay`: loses no connection as well. */
  readonly must?: 'get-in' | 'stay';
  /** How often it sends a message, which is answered. */
  readonly talksEveryMs?: number;
  /** How long it waits for an answer before it gives up its connection. */
  readonly patienceMs?: number;
}

/** The server sends a message to all tabs of a user. */
export interface Post extends Action {
  readonly kind: 'post';
  readonly user: string;
  readonly characters: number;
  /** Clients that must hear it, once, within `withinMs`. */
  readonly heardBy: readonly string[];
  readonly withinMs: number;
}

/** A client does what it should not. */
export interface Misbehave extends Action {
  readonly kind: 'stop-reading' | 'broken-frame';
  readonly client: string;
}

/** The server is told to go, for a deployment; another one is started when it has gone. */
export interface Sigterm extends Action {
  readonly kind: 'sigterm';
}

/** What goes wrong without being a fault of the engine. */
export type Misbehaviour = Misbehave | Sigterm;

export const misbehaviourKinds: readonly string[] = [
  'stop-reading',
  'broken-frame',
  'sigterm',
] satisfies Misbehaviour['kind'][];

export type ChatAction = Connect | Post | Misbehaviour;
export type ChatScenario = Scenario<ChatAction, ChatSettings>;
