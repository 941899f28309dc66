/**
 * States that a campaign must reach, derived from the events of a registry and the state of the network. A campaign
 * that never reaches one of them has tested less than it seems.
 */
import type { WebSocketManagerRegistry } from '../../../../src/index.ts';
import type { Recorder } from '../model/recorder.ts';
import { watchCleanups } from './cleanups.ts';
import { watchConnections } from './connections.ts';
import { watchLimits } from './limits.ts';
import type { RecordSometimes } from './record-sometimes.ts';

/** Listens to the same events as the recorder, after it. */
export function watchSometimes(
  registry: WebSocketManagerRegistry,
  recorder: Recorder,
  sometimes: RecordSometimes,
): void {
  watchCleanups(registry, recorder, sometimes);
  watchLimits(registry, recorder, sometimes);
  watchConnections(registry, recorder, sometimes);
}
