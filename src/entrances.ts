/**
 * How several attachments of one server agree on who answers an upgrade that none of them takes: the last that
 * passes it over, and only when nobody else listens. Owns two numbers, kept on what they are about.
 */
import type { IncomingMessage, Server } from 'node:http';

// By name, so that two copies of this package in one process (ESM and CommonJS, say) count together.
const kEntrances = Symbol.for('leaktight.entrances');
const kPassedBy = Symbol.for('leaktight.passedBy');

interface EnteredServer extends Server {
  [kEntrances]?: number;
}

interface PassedRequest extends IncomingMessage {
  [kPassedBy]?: number;
}

export function enter(server: EnteredServer): void {
  server[kEntrances] = (server[kEntrances] ?? 0) + 1;
}

export function leave(server: EnteredServer): void {
  server[kEntrances] = (server[kEntrances] ?? 1) - 1;
}

/** To be asked once by each attachment that does not take this upgrade. */
export function isLastToPass(server: EnteredServer, request: PassedRequest): boolean {
  const passedBy = (request[kPassedBy] ?? 0) + 1;
  request[kPassedBy] = passedBy;
  const entrances = server[kEntrances] ?? 1;
  return passedBy >= entrances && server.listenerCount('upgrade') <= entrances;
}
