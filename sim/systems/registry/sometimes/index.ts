/**
 * States worth reaching, worked out from what a registry says and what the network knows. A campaign that never reaches
 * one of them has tested less than it seems to have.
 */
import type { WebSocketManagerRegistry } from '../../../../src/index.ts';
import type { Recorder } from '../model/recorder.ts';
import { watchCleanups } from './cleanups.ts';
import { watchConnections } from './connections.ts';
import { watchLimits } from './limits.ts';
import type { RecordSometimes } from './record-sometimes.ts';

/** Listens to the same events as the recorder, after it has noted them. */
export function watchSometimes(
  registry: WebSocketManagerRegistry,
  recorder: Recorder,
  sometimes: RecordSometimes,
): void {
  watchCleanups(registry, recorder, sometimes);
  watchLimits(registry, recorder, sometimes);
  watchConnections(registry, recorder, sometimes);
}
