/** The figures of a run that are shown with its outcome. */
import type { ClientObservations } from '../clients/client-observations.ts';
import type { Totals } from '../model/totals.ts';
import { optionOf, type Settings } from '../scenario.ts';

interface MetricsSource {
  readonly settings: Settings;
  readonly observations: ClientObservations;
  totals(): Totals;
}

export function metricsOf(
  source: MetricsSource,
  messages: number,
): Readonly<Record<string, number>> {
  const { cleanups, ...totals } = source.totals();
  const { proactive, emergency } = cleanups;
  let refused = 0;
  for (const count of source.observations.refused.values()) refused += count;
  return {
    managersPeak: totals.peak,
    managersOfOneUserPeak: totals.userPeak,
    managersPerUserMax: optionOf(source.settings, 'maxManagersPerUser'),
    managersCreated: totals.created,
    managersEvicted: totals.evicted,
    proactiveCleanups: proactive.count,
    proactiveLongestMs: proactive.longestMs,
    ...(proactive.count > 0 ? { proactiveFromLeast: totals.proactiveFrom } : {}),
    emergencyCleanups: emergency.count,
    emergencyLongestMs: emergency.longestMs,
    limitsReached: totals.limitHits,
    refused,
    tabsOpened: source.observations.opened,
    messages,
  };
}
