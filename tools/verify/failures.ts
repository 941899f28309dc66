/** What a verification found wrong, each with what to do to see it again. */

import { commandsOf } from '../../sim/cli/run-plan.ts';
import { replayableDivergence, replayableFailure } from '../../sim/report/campaign-json.ts';
import { divergenceText } from '../../sim/report/divergence.ts';
import type { SearchJson } from '../../sim/report/exhaustive-report.ts';
import { failureText } from '../../sim/report/failure.ts';
import { unreached } from '../../sim/search/campaign/verdict.ts';
import type { Plan } from './plan.ts';
import type { BugResult, CampaignResult, CorpusResult, Results } from './results.ts';

const commands = commandsOf();

/** Failed runs of one campaign that are named; the others are counted. */
const shownMax = 10;

/** Blocks of lines; none when all held. */
export function failuresOf(results: Results, plan: Plan): string[][] {
  return [
    ...results.campaigns.flatMap((campaign) => campaignFailures(campaign, plan)),
    ...results.searches.flatMap(searchFailures),
    ...results.corpus.flatMap(corpusFailures),
    ...results.bugs.flatMap(bugFailures),
  ];
}

function campaignFailures({ totals }: CampaignResult, plan: Plan): string[][] {
  const { scenario, failures, failed, runs, determinism } = totals;
  const more = failed - Math.min(failures.length, shownMax);
  const never = plan.requiresSometimes ? unreached(totals) : [];
  const again = `npm run sim -- --scenario ${scenario} --seed 1 --runs ${runs} --require-sometimes`;
  return [
    ...failures
      .slice(0, shownMax)
      .map((failure) => failureText(replayableFailure(failure, totals, commands))),
    ...(more > 0 ? [[`${more} more runs of ${scenario} failed`]] : []),
    ...determinism.divergences
      .slice(0, shownMax)
      .map((divergence) => divergenceText(replayableDivergence(divergence, totals, commands))),
    ...(never.length === 0
      ? []
      : [
          [
            `NEVER REACHED in ${runs} runs of ${scenario}`,
            ...never.map((state) => `  state:      ${state}`),
            `  replay:     ${again}`,
          ],
        ]),
  ];
}

function searchFailures({ failure, digest }: SearchJson): string[][] {
  return failure === undefined ? [] : [failureText({ ...failure, verdict: 'failed', digest })];
}

function corpusFailures({ file, failure }: CorpusResult): string[][] {
  if (failure === undefined) return [];
  return [
    [
      `FAILED ${file} of the corpus`,
      `  invariant:  ${failure.invariant}`,
      `  detail:     ${failure.detail.split('\n', 1)[0]}`,
      `  replay:     ${commands.ofFile(`sim/corpus/${file}`)}`,
    ],
  ];
}

function bugFailures(result: BugResult): string[][] {
  const { bug, invariant, found } = result;
  if (found?.passesWithout === true) return [];
  const { why, replay } = missed(result);
  return [
    [
      `NOT CAUGHT ${bug}`,
      `  invariant:  ${invariant}`,
      `  why:        ${why}`,
      `  replay:     ${replay}`,
    ],
  ];
}

function missed({ bug, scenario, seeds, wrongFailure, found }: BugResult): {
  readonly why: string;
  readonly replay: string;
} {
  if (wrongFailure !== undefined) {
    return {
      why: `seed ${wrongFailure.seed} broke another invariant first: ${wrongFailure.invariant}`,
      replay: commands.ofSeed({ seed: wrongFailure.seed, scenario, bug }),
    };
  }
  if (found === undefined) {
    return {
      why: `it did not break in ${seeds} seeds of ${scenario}`,
      replay: `npm run bugs -- --only ${bug} --seeds ${seeds}`,
    };
  }
  return {
    why: `what is left of seed ${found.seed} fails on the code as it ships, too`,
    replay: commands.ofSeed({ seed: found.seed, scenario, bug }),
  };
}
