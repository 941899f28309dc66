/** Subscribes to every event of a registry, and passes it to the recorder. */
import type { WebSocketManagerRegistry } from '../../../../src/index.ts';
import { brokenPing } from './ground-truth.ts';
import type { Recorder } from './recorder.ts';

export function listen(registry: WebSocketManagerRegistry, recorder: Recorder): void {
  const tell = (name: string) => recorder.told.set(name, (recorder.told.get(name) ?? 0) + 1);
  registry.on('managerCreated', (event) => {
    tell('managerCreated');
    recorder.managerMade(event);
  });
  registry.on('managerIdle', (event) => recorder.spokeOf('managerIdle', event));
  registry.on('managerClosing', (event) => {
    recorder.spokeOf('managerClosing', event);
    const record = recorder.live.get(event.manager);
    if (record === undefined) return;
    record.closesFor = event.reason;
    // The event is emitted afterwards: its sockets may already be destroyed.
    const wasEmpty = record.lines.size === 0;
    recorder.say({ kind: 'closing', record, reason: event.reason, wasEmpty });
  });
  registry.on('managerRemoved', (event) => {
    tell('managerRemoved');
    recorder.managerGone(event);
  });
  registry.on('connectionOpened', (event) => {
    tell('connectionOpened');
    recorder.connectionOpened(event);
  });
  registry.on('connectionClosed', (event) => {
    tell('connectionClosed');
    recorder.connectionClosed(event);
  });
  registry.on('connectionExpelled', (event) => {
    tell('connectionExpelled');
    recorder.spokeOf('connectionExpelled', event);
    recorder.say({ kind: 'expelled', event, line: recorder.managers.lineOf(event.connection) });
  });
  registry.on('messageQueued', ({ isolationKey, queuedMessages }) => {
    tell('messageQueued');
    recorder.messageQueued(isolationKey, queuedMessages);
  });
  registry.on('messagesDropped', ({ reason, isolationKey, messages }) => {
    tell('messagesDropped');
    if (reason !== 'slow-reader' && reason !== 'manager-closed')
      recorder.messagesDropped(isolationKey, messages, reason);
  });
  registry.on('messagesReplayed', () => tell('messagesReplayed'));
  registry.on('sweepFinished', () => {
    tell('sweepFinished');
    if (recorder.live.size > 0) recorder.expectSweep();
  });
  registry.on('cleanupStarted', (event) => recorder.cleanupStarted(event));
  registry.on('cleanupFinished', (event) => recorder.cleanupFinished(event));
  registry.on('limitReached', (event) => {
    tell('limitReached');
    recorder.limitReached(event);
  });
  registry.on('hookError', ({ hook, error }) => {
    tell('hookError');
    if (error !== brokenPing) recorder.hookErrors.push(`${hook}: ${String(error)}`);
  });
  registry.on('upgradeRefused', ({ status }) => {
    tell('upgradeRefused');
    if (status === 429) recorder.limitRefusals += 1;
  });
}
