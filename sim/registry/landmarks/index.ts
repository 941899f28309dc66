/**
 * States worth reaching, worked out from what a registry says and what the network knows. A campaign that never reaches
 * one of them has tested less than it seems to have.
 */
import type { WebSocketManagerRegistry } from '../../../src/index.ts';
import type { Chronicle } from '../chronicle.ts';
import { watchCleanups } from './cleanups.ts';
import { watchConnections } from './connections.ts';
import { watchLimits } from './limits.ts';

/** Counts that a state was reached. */
export type Reach = (state: string) => void;

/** Listens to the same events as `chronicle`, after it has noted them. */
export function watchLandmarks(
  registry: WebSocketManagerRegistry,
  chronicle: Chronicle,
  reach: Reach,
): void {
  watchCleanups(registry, chronicle, reach);
  watchLimits(registry, chronicle, reach);
  watchConnections(registry, chronicle, reach);
}
