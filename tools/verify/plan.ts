/** How much `npm run verify` verifies, as data. */

export interface PlannedCampaign {
  readonly scenario: string;
  /** Seeds from 1 on. */
  readonly runs: number;
  /** First seeds whose digests stand in the report one by one. */
  readonly singly: number;
}

export interface Plan {
  readonly campaigns: readonly PlannedCampaign[];
  /** Whether a state that a scenario must reach sometimes, and never reached, is a failure. */
  readonly requiresSometimes: boolean;
  /** Most actions of a path, for each exhaustive search. */
  readonly depths: readonly number[];
  /** Names of seeded bugs, or all there are. */
  readonly bugs: readonly string[] | 'all';
  /** Seeds to look for a bug in, from 1 on. */
  readonly bugSeeds: number;
  /** Most runs to shrink what was found. */
  readonly shrinkRuns: number;
}

/**
 * About seven minutes on two quiet cores. A scenario has as many seeds as it takes to reach each state that it is there
 * for several times; the day has one, since it takes as long as hundreds of the others.
 */
export const plan: Plan = {
  campaigns: [
    { scenario: 'day', runs: 1, singly: 0 },
    { scenario: 'rolling-deploy', runs: 20, singly: 1 },
    { scenario: 'swarm', runs: 1_500, singly: 5 },
    { scenario: 'priorities', runs: 300, singly: 2 },
    { scenario: 'multi-tab', runs: 100, singly: 1 },
    { scenario: 'cold-start', runs: 100, singly: 1 },
    { scenario: 'reconnect', runs: 100, singly: 1 },
    { scenario: 'context-mismatch', runs: 100, singly: 1 },
    { scenario: 'cleanup-race', runs: 100, singly: 1 },
    { scenario: 'container-restart', runs: 100, singly: 1 },
    { scenario: 'emergency', runs: 100, singly: 1 },
    { scenario: 'slow-reader', runs: 100, singly: 1 },
    { scenario: 'hostile-client', runs: 100, singly: 1 },
    { scenario: 'laptop-lid', runs: 100, singly: 1 },
    { scenario: 'event-loop-stall', runs: 100, singly: 1 },
    { scenario: 'clock-jump', runs: 100, singly: 1 },
    { scenario: 'zombie-proxy', runs: 100, singly: 1 },
  ],
  requiresSometimes: true,
  depths: [3, 5],
  bugs: 'all',
  bugSeeds: 50,
  shrinkRuns: 500,
};
