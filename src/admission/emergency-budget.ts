/** How an emergency cleanup divides its deadline. Pure; `cleanup.ts` spends it. */
import type { ResolvedRegistryOptions } from '../options/registry-options.ts';
import { detachShareMs } from '../socket/close-order.ts';

/**
 * Any combination of options fits the deadline: a share is kept for sockets that do not even react to being
 * destroyed, and probes get at most half of what is left.
 */
export function emergencyBudget(options: ResolvedRegistryOptions): {
  readonly probeMs: number;
  readonly terminateAfterMs: number;
  readonly detachMs: number;
} {
  const detachMs = detachShareMs(options.emergencyDeadlineMs);
  const terminateAfterMs = options.emergencyDeadlineMs - detachMs;
  return {
    probeMs: Math.min(options.probeTimeoutMs, terminateAfterMs / 2),
    terminateAfterMs,
    detachMs,
  };
}
