/** How connections and messages ended, and which upgrades were refused. */
import type { WebSocketManagerRegistry } from '../../../../src/index.ts';
import type { Recorder } from '../model/recorder.ts';
import type { RecordSometimes } from './record-sometimes.ts';

export function watchConnections(
  registry: WebSocketManagerRegistry,
  recorder: Recorder,
  sometimes: RecordSometimes,
): void {
  let toldAtMs: number | undefined;
  registry.on('connectionExpelled', ({ cause }) =>
    sometimes(`a connection was disconnected by policy: ${cause}`),
  );
  registry.on('connectionReplaced', () => sometimes('a connection lost its id to another'));
  registry.on('connectionClosed', ({ cause }) => {
    if (cause === 'failed') sometimes('a peer broke the protocol');
  });
  registry.on('messagesReplayed', () => sometimes('an outbox was replayed'));
  registry.on('messagesDropped', ({ reason }) => sometimes(`messages were dropped: ${reason}`));
  registry.on('upgradeRefused', ({ status }) => {
    sometimes(
      status === 0 ? 'a socket closed during its upgrade' : `an upgrade was refused: ${status}`,
    );
  });
  registry.on('hookError', () => sometimes('a ping threw'));
  registry.on('managerClosing', ({ reason }) => {
    if (reason === 'idle') sometimes('a manager was removed after its grace period');
    if (reason === 'released') sometimes('a manager without any connection was removed at once');
    if (reason !== 'shutdown') return;
    if (toldAtMs !== undefined && toldAtMs < recorder.nowMs) sometimes('a drain ran in batches');
    toldAtMs = recorder.nowMs;
  });
  registry.on('shutdownFinished', ({ terminated }) => {
    sometimes(terminated > 0 ? 'a drain had to terminate a connection' : 'a drain ended by itself');
  });
}
