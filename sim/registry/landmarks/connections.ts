/** How connections and messages end, and who was turned away at the door. */
import type { WebSocketManagerRegistry } from '../../../src/index.ts';
import type { Chronicle } from '../chronicle.ts';
import type { Reach } from './index.ts';

export function watchConnections(
  registry: WebSocketManagerRegistry,
  chronicle: Chronicle,
  reach: Reach,
): void {
  let toldAtMs: number | undefined;
  registry.on('connectionExpelled', ({ cause }) => reach(`a connection was expelled: ${cause}`));
  registry.on('connectionReplaced', () => reach('a connection lost its id to another'));
  registry.on('connectionClosed', ({ cause }) => {
    if (cause === 'failed') reach('a peer broke the protocol');
  });
  registry.on('messagesReplayed', () => reach('an outbox was replayed'));
  registry.on('messagesDropped', ({ reason }) => reach(`messages were dropped: ${reason}`));
  registry.on('upgradeRefused', ({ status }) => {
    reach(status === 0 ? 'an upgrade died at the door' : `an upgrade was refused: ${status}`);
  });
  registry.on('hookError', () => reach('a ping threw'));
  registry.on('managerClosing', ({ reason }) => {
    if (reason === 'idle') reach('a manager went after its grace');
    if (reason === 'released') reach('a manager that nobody reached went at once');
    if (reason !== 'shutdown') return;
    if (toldAtMs !== undefined && toldAtMs < chronicle.nowMs) reach('a drain went in batches');
    toldAtMs = chronicle.nowMs;
  });
  registry.on('shutdownFinished', ({ terminated }) => {
    reach(terminated > 0 ? 'a drain had to terminate somebody' : 'a drain ended by itself');
  });
}
