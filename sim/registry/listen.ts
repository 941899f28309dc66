/** Hears every event of a registry, and has the chronicle note it. */
import type { WebSocketManagerRegistry } from '../../src/index.ts';
import type { Chronicle } from './chronicle.ts';
import { brokenPing } from './ground-truth.ts';

export function listen(registry: WebSocketManagerRegistry, chronicle: Chronicle): void {
  const tell = (name: string) => chronicle.told.set(name, (chronicle.told.get(name) ?? 0) + 1);
  registry.on('managerCreated', (event) => {
    tell('managerCreated');
    chronicle.managerMade(event);
  });
  registry.on('managerIdle', (event) => chronicle.spokeOf('managerIdle', event));
  registry.on('managerClosing', (event) => {
    chronicle.spokeOf('managerClosing', event);
    const record = chronicle.live.get(event.manager);
    if (record === undefined) return;
    record.closesFor = event.reason;
    // Told after the fact: sockets that it had may be destroyed by now.
    const wasEmpty = record.lines.size === 0;
    chronicle.say({ kind: 'closing', record, reason: event.reason, wasEmpty });
  });
  registry.on('managerRemoved', (event) => {
    tell('managerRemoved');
    chronicle.managerGone(event);
  });
  registry.on('connectionOpened', (event) => {
    tell('connectionOpened');
    chronicle.connectionOpened(event);
  });
  registry.on('connectionClosed', (event) => {
    tell('connectionClosed');
    chronicle.connectionClosed(event);
  });
  registry.on('connectionExpelled', (event) => {
    tell('connectionExpelled');
    chronicle.spokeOf('connectionExpelled', event);
    chronicle.say({ kind: 'expelled', event, line: chronicle.lineOf(event.connection) });
  });
  registry.on('messageQueued', ({ isolationKey, queuedMessages }) => {
    tell('messageQueued');
    chronicle.messageQueued(isolationKey, queuedMessages);
  });
  registry.on('messagesDropped', ({ reason, isolationKey, messages }) => {
    tell('messagesDropped');
    if (reason !== 'slow-reader' && reason !== 'manager-closed')
      chronicle.messagesDropped(isolationKey, messages, reason);
  });
  registry.on('messagesReplayed', () => tell('messagesReplayed'));
  registry.on('sweepFinished', () => {
    tell('sweepFinished');
    if (chronicle.live.size > 0) chronicle.expectSweep();
  });
  registry.on('cleanupStarted', (event) => chronicle.cleanupStarted(event));
  registry.on('cleanupFinished', (event) => chronicle.cleanupFinished(event));
  registry.on('limitReached', (event) => {
    tell('limitReached');
    chronicle.limitReached(event);
  });
  registry.on('hookError', ({ hook, error }) => {
    tell('hookError');
    if (error !== brokenPing) chronicle.hookErrors.push(`${hook}: ${String(error)}`);
  });
  registry.on('upgradeRefused', ({ status }) => {
    tell('upgradeRefused');
    if (status === 429) chronicle.limitRefusals += 1;
  });
}
