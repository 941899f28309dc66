/** What a run comes to, said instead of made. */
import type { Outcome } from '../../../sim/run/outcome.ts';
import type { Scenario } from '../../../sim/scenario/scenario.ts';

/** The run passes, or breaks the invariant of that name in its last moment. */
export function outcomeOf(
  { name, seed, durationMs, settleMs }: Scenario,
  broken: string | undefined,
  detail = 'something is left',
): Outcome {
  const atMs = durationMs + settleMs;
  return {
    scenario: name,
    seed,
    verdict: broken === undefined ? 'passed' : 'failed',
    digest: '0'.repeat(64),
    virtualMs: atMs,
    events: 1,
    connections: 0,
    wireBytes: 0,
    faults: {},
    metrics: {},
    reached: {},
    invariants: [],
    ...(broken === undefined
      ? {}
      : { failure: { invariant: broken, detail, atMs, event: 1, lastEvent: 'phase' } }),
  };
}
