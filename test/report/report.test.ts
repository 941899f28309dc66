import { describe, expect, test } from 'vitest';
import { commandsOf } from '../../sim/cli/run-plan.ts';
import { type CampaignContext, campaignJson } from '../../sim/report/campaign-json.ts';
import { campaignText } from '../../sim/report/campaign-report.ts';
import { metricRows } from '../../sim/report/figures.ts';
import { outcomeJson, outcomeText, resolvedText } from '../../sim/report/run-report.ts';
import type { Outcome } from '../../sim/run/outcome.ts';
import type { Figures } from '../../sim/run/system.ts';
import {
  Campaign,
  type CampaignTotals,
  failuresKeptMax,
} from '../../sim/search/campaign/campaign.ts';
import { runsThatMustReach } from '../../sim/search/campaign/sometimes-counts.ts';
import { type CampaignEnd, campaignVerdict } from '../../sim/search/campaign/verdict.ts';
import { failedRun } from '../../sim/search/seed/failed-run.ts';
import { reportFigures } from '../../sim/systems/registry/figures/report-figures.ts';

const figures: Figures = { rows: [], summary: [] };
const commands = commandsOf();
const context: CampaignContext = { figures, commands };
const replay = commands.ofSeed({ seed: 1, scenario: 'swarm' });

const passed: Outcome = {
  scenario: 'swarm',
  seed: 1,
  verdict: 'passed',
  digest: 'ab'.repeat(32),
  virtualMs: 1_000,
  events: 10,
  connections: 2,
  wireBytes: 100,
  faults: {},
  metrics: {},
  reached: {},
  invariants: [],
};

const crashed: Outcome = {
  ...passed,
  verdict: 'crashed',
  failure: {
    invariant: 'no error goes uncaught',
    detail: 'Error: first\n  second',
    atMs: 12_345,
    event: 9,
    lastEvent: 'server timer',
    stack: 'Error: first\n    at handler',
  },
};

test('a replay command names seed, scenario and bug', () => {
  expect(commands.ofSeed({ seed: 1, scenario: 'swarm' })).toBe(
    'npm run sim -- --seed 1 --scenario swarm',
  );
  expect(commands.ofSeed({ seed: 1, scenario: 'emergency', bug: 'leak' })).toBe(
    'npm run sim -- --seed 1 --scenario emergency --bug leak',
  );
});

test('what the seed resolved to names seed, scenario and bug once', () => {
  expect(
    resolvedText({ seed: 1, scenario: 'swarm', bug: 'leak' }, [
      ['seed', '1'],
      ['users', '3'],
    ]),
  ).toEqual([
    'resolved',
    '  seed      1',
    '  scenario  swarm',
    '  bug       leak',
    '  users     3',
    '',
  ]);
});

describe('metrics', () => {
  test('metrics that are known come first, with the longest duration in the same row', () => {
    expect(
      metricRows(
        {
          outboxDepthPeak: 3,
          drainLongestMs: 1_500,
          emergencyLongestMs: 4_000,
          emergencyCleanups: 2,
          proactiveLongestMs: 0,
          proactiveCleanups: 0,
          managersPeak: 20,
        },
        reportFigures,
      ),
    ).toEqual([
      ['managers at the peak', '20'],
      ['proactive cleanups', '0'],
      ['emergency cleanups', '2 (longest 4 s)'],
      ['outbox depth peak', '3'],
      ['drain longest', '1.5 s'],
    ]);
  });
});

describe('a failure', () => {
  test('a failure of many lines stays under its label and ends with the command', () => {
    const lines = outcomeText(crashed, { figures, replay }).join('\n');

    expect(lines.slice(lines.indexOf('CRASHED'))).toMatchInlineSnapshot(`
      "CRASHED seed=1 scenario=swarm event=9
        invariant:  no error goes uncaught
        detail:     Error: first
                    second
        at:         12.345 s (12,345 ms of virtual time)
        last event: 9 server timer
        stack:      Error: first
                    at handler
        digest:     abababababababababababababababababababababababababababababababab
        replay:     npm run sim -- --seed 1 --scenario swarm"
    `);
  });

  test('a failure is the same data wherever it was seen: the stack is left to the text', () => {
    expect(failedRun(crashed)).not.toHaveProperty('stack');
    expect(failedRun(crashed)).toMatchObject({ event: 9, lastEvent: 'server timer' });
  });

  test('a failure that the outcome does not name is still a failure', () => {
    const { failure } = outcomeJson({ ...passed, verdict: 'failed' }, { figures, replay });

    expect(failure).toMatchObject({
      invariant: 'a run that does not pass has a failure',
      replay: 'npm run sim -- --seed 1 --scenario swarm',
    });
  });
});

describe('a campaign', () => {
  const name = { seed: 1, scenario: 'swarm' };
  const done: CampaignEnd = { why: 'done', runsAsked: 4 };

  test('a campaign takes the mean of the two middle runs as its median', () => {
    const campaign = new Campaign(name);
    for (const events of [1_000, 10, 20, 30]) campaign.add({ ...passed, events });

    expect(campaign.totals().medians.events).toBe(25);
  });

  test('a campaign counts only the fault classes that struck', () => {
    const campaign = new Campaign(name);
    campaign.add({ ...passed, faults: { kill: 1, reset: 0, refuse: 7 } });

    expect(campaign.totals().medians.faultClasses).toBe(2);
  });

  test('a campaign without runs has totals too', () => {
    const totals = new Campaign(name).totals();

    expect(totals).toMatchObject({ runs: 0, verdict: 'passed', medians: { events: 0 } });
    const text = campaignText(totals, { why: 'interrupted', runsAsked: 4 }, 0, context);
    expect(text.at(-2)).toContain('(interrupted after 0 of 4)');
  });

  test('a campaign may be asked for its totals while more is to come', () => {
    const campaign = new Campaign(name);
    campaign.add(passed);
    const before = campaign.totals();
    campaign.add(crashed);

    expect(before).toMatchObject({ runs: 1, failures: [] });
    expect(campaign.totals()).toMatchObject({ runs: 2, verdict: 'crashed' });
    expect(campaign.totals().digest).not.toBe(before.digest);
  });

  test('a campaign has another digest when two seeds change their digests', () => {
    const [there, back] = [new Campaign(name), new Campaign(name)];
    const other = { ...passed, digest: 'cd'.repeat(32) };
    for (const outcome of [passed, { ...other, seed: 2 }]) there.add(outcome);
    for (const outcome of [other, { ...passed, seed: 2 }]) back.add(outcome);

    expect(there.totals().digest).not.toBe(back.totals().digest);
  });

  test('a campaign that another process goes on with comes to the same as one that was never stopped', () => {
    const sometimes = ['an acquire was refused at the limit'];
    const outcomes = [1, 2, 3, 4].map((seed) => ({
      ...(seed === 2 ? crashed : passed),
      seed,
      events: seed * 7,
      faults: { kill: seed },
      metrics: { managersPeak: seed, refused: 1 },
      reached: { 'an acquire was refused at the limit': seed },
      invariants: [{ name: 'no manager leaks', checks: seed, failures: 0 }],
    }));
    const whole = new Campaign(name, sometimes);
    for (const outcome of outcomes) whole.add(outcome, outcome.seed === 1 ? 'same' : undefined);
    const first = new Campaign(name, sometimes);
    for (const outcome of outcomes.slice(0, 2)) {
      first.add(outcome, outcome.seed === 1 ? 'same' : undefined);
    }
    const state = JSON.parse(JSON.stringify(first.state()));
    const second = new Campaign(name, sometimes, state);
    for (const outcome of outcomes.slice(2)) second.add(outcome);

    expect(second.totals()).toEqual(whole.totals());
    expect(second.totals()).toMatchObject({ runs: 4, failed: 1, lastSeed: 4 });
  });

  test('a campaign with a seed that gave two runs is no pass, and says where they part', () => {
    const campaign = new Campaign({ ...name, bug: 'leak' });
    campaign.add(passed, {
      digests: ['aa', 'bb'],
      event: 7,
      first: '{"kind":"timer"}',
      second: '{"kind":"segment"}',
    });
    const totals = campaign.totals();

    expect(campaignJson(totals, done, context)).toMatchObject({
      verdict: 'diverged',
      failed: 0,
      determinism: { checked: 1, diverged: 1, divergences: [{ seed: 1, event: 7 }] },
    });
    const text = campaignText(totals, done, 1, context).join('\n');
    expect(text.slice(text.indexOf('DIVERGED'))).toMatchInlineSnapshot(`
      "DIVERGED seed=1 scenario=swarm event=7
        claim:      one seed gives one run
        first run:  {"kind":"timer"}
        second run: {"kind":"segment"}
        digests:    aa
                    bb
        replay:     npm run sim -- --seed 1 --scenario swarm --bug leak --check-determinism

      DIVERGED seed=1 runs=1 scenario=swarm
        last seed:  1
        diverged:   1, first seed 1
        digest:     92084b650dd78ca89a9d607af9cb860db7cae4833329d435d9e7bbce7b783f08
        replay:     npm run sim -- --seed 1 --scenario swarm --bug leak --check-determinism"
    `);
  });

  test('a campaign keeps a bounded number of failures and counts them all', () => {
    const campaign = new Campaign(name);
    for (let seed = 0; seed < failuresKeptMax + 5; seed += 1) campaign.add({ ...crashed, seed });
    const json = campaignJson(campaign.totals(), done, context);

    expect(json.failures).toHaveLength(failuresKeptMax);
    expect(json.failed).toBe(failuresKeptMax + 5);
  });
});

describe('sometimes states', () => {
  const name = { seed: 1, scenario: 'swarm' };
  const sometimes = ['an acquire was refused at the limit', 'an outbox was replayed'];
  const campaignOf = (runs: number, bug?: string): CampaignTotals => {
    const campaign = new Campaign(bug === undefined ? name : { ...name, bug }, sometimes);
    for (let seed = 1; seed <= runs; seed += 1) {
      campaign.add({
        ...passed,
        seed,
        reached: { 'an acquire was refused at the limit': 2, 'a drain ended': 1 },
      });
    }
    return campaign.totals();
  };
  const done: CampaignEnd = { why: 'done' };

  test('sometimes states are shown with how many runs reached them, the required ones first', () => {
    const text = campaignText(campaignOf(3), done, 1, context);
    const from = text.indexOf('reached');

    expect(text.slice(from, from + 5).join('\n')).toMatchInlineSnapshot(`
      "reached
                     state                                runs  times
        ok           an acquire was refused at the limit     3      6
        not reached  an outbox was replayed                  0      0
                     a drain ended                           3      3"
    `);
  });

  test('sometimes states fail a campaign of a hundred runs that never reached one, and name it', () => {
    const totals = campaignOf(runsThatMustReach);

    expect(campaignVerdict(totals, done)).toBe('failed');
    expect(campaignJson(totals, done, context)).toMatchObject({
      unreached: ['an outbox was replayed'],
    });
    expect(campaignText(totals, done, 1, context)).toContain(
      '  never:      an outbox was replayed',
    );
  });

  test.each<[string, CampaignTotals, CampaignEnd]>([
    ['is short', campaignOf(runsThatMustReach - 1), done],
    ['was interrupted', campaignOf(runsThatMustReach), { why: 'interrupted' }],
    ['runs with a seeded bug', campaignOf(runsThatMustReach, 'leak'), done],
    ['is told not to', campaignOf(runsThatMustReach), { ...done, requireSometimes: false }],
  ])('sometimes states do not fail a campaign that %s, but are named', (_, totals, end) => {
    expect(campaignVerdict(totals, end)).toBe('passed');
    expect(campaignText(totals, end, 1, context).join('\n')).toContain(
      'not reached  an outbox was replayed',
    );
  });

  test('sometimes states fail a short campaign that is told to', () => {
    expect(campaignVerdict(campaignOf(1), { ...done, requireSometimes: true })).toBe('failed');
  });
});
