/** Carries out a plan: campaigns, searches, corpus, bugs, one after the other, each in as many threads as are given. */

import { readdirSync, readFileSync } from 'node:fs';
import { lineProgress } from '../../sim/cli/progress.ts';
import { simulate } from '../../sim/run/run.ts';
import { readScenarioFile } from '../../sim/scenario/scenario-file.ts';
import { Campaign } from '../../sim/search/campaign/campaign.ts';
import { wholeCampaign } from '../../sim/search/campaign/seed-plan.ts';
import { runSeedsInWorkers } from '../../sim/search/campaign/seed-runner.ts';
import type { CampaignSource } from '../../sim/search/campaign/seed-runs.ts';
import { explore } from './explore.ts';
import { huntAll } from './hunts.ts';
import type { PlanEnvironment } from './means.ts';
import type { Plan, PlannedCampaign } from './plan.ts';
import type { CampaignResult, CorpusResult, Results, SingleRun } from './results.ts';
import type { VerifiedSystem } from './verified-system.ts';

/** @throws {Error} when the plan names what is not there, a thread cannot go on, or a file of the corpus cannot be read. */
export async function carryOut(
  plan: Plan,
  system: VerifiedSystem,
  environment: PlanEnvironment,
): Promise<Results> {
  const campaigns = await runCampaigns(plan.campaigns, system, environment);
  const searches = [];
  for (const depth of plan.depths) searches.push(await explore(depth, system, environment));
  const corpus = await replayCorpus(system);
  const bugs = await huntAll(plan, system, environment);
  return { campaigns, searches, corpus, bugs };
}

async function runCampaigns(
  planned: readonly PlannedCampaign[],
  system: VerifiedSystem,
  { threads, startThread, onProgress }: PlanEnvironment,
): Promise<CampaignResult[]> {
  const plans = planned.map((campaign) => campaignSource(campaign, system));
  const entries = planned.map(({ scenario, singly }, index) => ({
    scenario,
    singly,
    campaign: new Campaign({ seed: 1, scenario }, plans[index]?.family.sometimes),
    singles: [] as SingleRun[],
  }));
  const runs = planned.reduce((sum, campaign) => sum + campaign.runs, 0);
  const standing = { runs: 0, failed: 0, virtualMs: 0 };
  const goal = { runs, from: { ...standing } };
  const write = (line: string): void => onProgress(`campaigns: ${line.trimEnd()}`);
  const progress = lineProgress(write, goal, () => performance.now());
  const [first, ...others] = plans;
  if (first === undefined) return [];
  await runSeedsInWorkers([first, ...others], {
    workers: Math.min(threads, runs),
    from: 0,
    isOver: () => false,
    startWorker: startThread,
    onResult: ({ outcome, check }) => {
      const entry = entries.find(({ scenario }) => scenario === outcome.scenario);
      if (entry === undefined) throw new Error(`a run of '${outcome.scenario}' was not asked for`);
      entry.campaign.add(outcome, check);
      const { scenario, seed, events, digest } = outcome;
      if (seed <= entry.singly) entry.singles.push({ scenario, seed, events, digest });
      standing.runs += 1;
      standing.failed += outcome.verdict === 'passed' ? 0 : 1;
      standing.virtualMs += outcome.virtualMs;
      progress.advance(standing);
    },
  });
  return entries.map(({ campaign, singles }) => ({ totals: campaign.totals(), singles }));
}

function campaignSource(
  { scenario, runs }: PlannedCampaign,
  system: VerifiedSystem,
): CampaignSource {
  const family = system.families.find(({ name }) => name === scenario);
  if (family === undefined) throw new Error(`the plan has a scenario '${scenario}', which is none`);
  return { seed: 1, shard: wholeCampaign, runs, family, system, checksAll: false };
}

/** In this thread: they are few and small. */
async function replayCorpus(system: VerifiedSystem) {
  const { corpus, shape } = system;
  const files = readdirSync(corpus).filter((name) => name.endsWith('.json'));
  const results: CorpusResult[] = [];
  for (const file of files.sort()) {
    const text = readFileSync(new URL(file, corpus), 'utf8');
    const { story, scenario } = readScenarioFile(text, shape.check);
    const { outcome } = await simulate(scenario, { system });
    const { events, digest, failure } = outcome;
    const broken = failure && { invariant: failure.invariant, detail: failure.detail };
    results.push({ file, story, events, digest, ...(broken && { failure: broken }) });
  }
  return results;
}
