/** What the two chat servers have in common: their settings, their interface and the requests of their clients. */
import type { IncomingMessage } from 'node:http';
import type { RawData, WebSocket } from 'ws';

/** Settings of a scenario: the same for both servers. */
export type ChatSettings = {
  /** Tabs that one user may have open at a time. */
  readonly tabsPerUserMax: number;
  /** How long looking up a session takes. */
  readonly authenticationMs: number;
  /** Messages a second that a client may send in the long run; ten times as many at once. */
  readonly messagesPerSecondMax: number;
};

export interface Chat {
  /** Sends a text to every connection of a user. */
  post(userId: string, text: string): void;
}

/** Called as code of the server's host, at each start of its process. `exit` ends that process. */
export type StartChat = (settings: ChatSettings, exit: () => void) => Chat;

export const chatPort = 8080;

/** Stands for a token that is verified without a look-up. */
export function userOf(request: IncomingMessage): string | undefined {
  return request.headers.authorization?.replace(/^Bearer /, '');
}

/** Stands for a database of sessions. */
export function lookUpSession({ authenticationMs }: ChatSettings): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, authenticationMs));
}

/** The application logic of the chat, the same behind either server. */
export function answer(socket: WebSocket, text: RawData): void {
  socket.send(`echo ${text}`);
}
