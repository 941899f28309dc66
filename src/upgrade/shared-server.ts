/**
 * How several attachments of one server agree on who answers an upgrade: the first that takes it, and when none
 * does, the last that passes it over, if nobody else listens. Owns what they have to know of each other, kept on
 * what it is about.
 */
import type { IncomingMessage, Server } from 'node:http';

// By name, so that two copies of this package in one process (ESM and CommonJS, say) count together.
const kAttachmentCount = Symbol.for('leaktight.entrances');
const kPassedBy = Symbol.for('leaktight.passedBy');
const kTaken = Symbol.for('leaktight.taken');

interface EnteredServer extends Server {
  [kAttachmentCount]?: number;
}

interface PassedRequest extends IncomingMessage {
  [kPassedBy]?: number;
  [kTaken]?: boolean;
}

export function enter(server: EnteredServer): void {
  server[kAttachmentCount] = (server[kAttachmentCount] ?? 0) + 1;
}

export function leave(server: EnteredServer): void {
  server[kAttachmentCount] = (server[kAttachmentCount] ?? 1) - 1;
}

/** To be asked once by each attachment that does not take this upgrade. */
export function isLastToPass(server: EnteredServer, request: PassedRequest): boolean {
  const passedBy = (request[kPassedBy] ?? 0) + 1;
  request[kPassedBy] = passedBy;
  const attachmentCount = server[kAttachmentCount] ?? 1;
  return passedBy >= attachmentCount && server.listenerCount('upgrade') <= attachmentCount;
}

/** To be asked before anything is done with an upgrade. */
export function isTaken(request: PassedRequest): boolean {
  return request[kTaken] === true;
}

/** From now on nobody else may answer this upgrade. */
export function take(request: PassedRequest): void {
  request[kTaken] = true;
}
