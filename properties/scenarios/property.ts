/** States a claim over all scenarios, and says of a counterexample what it is and how to see it again. */
import fc from 'fast-check';
import type { Outcome } from '../../sim/run/outcome.ts';
import type { RegistryScenario } from '../../sim/systems/registry/scenario.ts';
import { simulate } from '../../sim/systems/registry/simulate.ts';
import {
  bugFromEnvironment,
  pathFromEnvironment,
  replayLine,
  runsFromEnvironment,
  seedFromEnvironment,
} from '../runner/environment.ts';
import { scenarioArbitrary } from './scenario-arbitrary.ts';

export interface ClaimOptions {
  /** The seeded bug to run with, to show that a claim can fail. @default `LEAKTIGHT_BUG`, else none */
  readonly bug?: string | null;
  /** @default `LEAKTIGHT_RUNS`, else 100 */
  readonly numRuns?: number;
  /** @default `LEAKTIGHT_SEED`, else 42 */
  readonly seed?: number;
  /** The counterexample to go to at once. @default none */
  readonly path?: string;
}

/** What contradicts the claim in an outcome, or `undefined`. */
export type Contradiction = (outcome: Outcome) => string | undefined;

/**
 * Checks a claim and throws a report of the smallest counterexample found.
 *
 * `LEAKTIGHT_SEED` (an integer, or a commit hash), `LEAKTIGHT_PATH`, `LEAKTIGHT_RUNS` and `LEAKTIGHT_BUG` choose what is
 * run.
 */
export async function assertClaim(
  title: string,
  contradiction: Contradiction,
  options: ClaimOptions = {},
): Promise<void> {
  const details = await checkClaim(contradiction, {
    seed: ownSeedOf(title),
    ...pathFromEnvironment(),
    ...options,
  });
  if (!details.failed) return;
  throw new Error(await reportOf(title, details, contradiction, options));
}

/** Claims that draw the same scenarios would show less; who goes to a counterexample names its seed as it is. */
function ownSeedOf(title: string): number {
  const seed = seedFromEnvironment();
  if ('path' in pathFromEnvironment()) return seed;
  return [...title].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) | 0, seed);
}

type Details = fc.RunDetails<[RegistryScenario]>;

export function checkClaim(
  contradiction: Contradiction,
  {
    bug = bugFromEnvironment(),
    numRuns = runsFromEnvironment(),
    seed = seedFromEnvironment(),
    ...path
  }: ClaimOptions = {},
): Promise<Details> {
  const property = fc.asyncProperty(scenarioArbitrary, async (scenario) => {
    const detail = contradiction(await simulate(withBug(scenario, bug)));
    if (detail !== undefined) throw new Error(detail);
  });
  return fc.check(property, { seed, numRuns, ...path });
}

function withBug(scenario: RegistryScenario, bug: string | null): RegistryScenario {
  return { ...scenario, settings: { ...scenario.settings, bug } };
}

/** In order: what broke, the actions that break it, how to see it again. */
export async function reportOf(
  title: string,
  details: Details,
  contradiction: Contradiction,
  { bug = bugFromEnvironment() }: ClaimOptions = {},
): Promise<string> {
  const scenario = details.counterexample?.[0];
  if (scenario === undefined) return `${title}: ${String(details.errorInstance)}`;
  const outcome = await simulate(withBug(scenario, bug));
  const { actions, faults, settings } = scenario;
  return [
    `FAILED ${title}`,
    `  seen:      ${contradiction(outcome) ?? 'not seen again: the run depends on something outside its scenario'}`,
    `  invariant: ${outcome.failure?.invariant ?? 'none'}`,
    `  at:        ${outcome.failure?.atMs ?? outcome.virtualMs} ms`,
    `  settings:  ${JSON.stringify({ seed: scenario.seed, ...settings })}`,
    ...[...actions, ...faults].map((step) => `  step:      ${JSON.stringify(step)}`),
    `  shrunk:    ${details.numShrinks} times, after ${details.numRuns} runs`,
    `  replay:    ${replayLine({ ...details, bug }, title)}`,
  ].join('\n');
}
