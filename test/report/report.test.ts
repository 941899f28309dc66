import { describe, expect, test } from 'vitest';
import type { Outcome } from '../../sim/engine/outcome.ts';
import { Campaign, failuresKeptMax } from '../../sim/report/campaign.ts';
import { campaignJson, campaignText } from '../../sim/report/campaign-report.ts';
import { failedRun } from '../../sim/report/failure.ts';
import { metricRows } from '../../sim/report/figures.ts';
import { replayCommand } from '../../sim/report/replay.ts';
import { outcomeText, resolvedText } from '../../sim/report/run.ts';

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
  expect(replayCommand({ seed: 1, scenario: 'swarm' })).toBe(
    'npm run sim -- --seed 1 --scenario swarm',
  );
  expect(replayCommand({ seed: 1, scenario: 'emergency', bug: 'leak' })).toBe(
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
  test('that are known come first, with the longest duration in the same row', () => {
    expect(
      metricRows({
        outboxDepthPeak: 3,
        drainLongestMs: 1_500,
        emergencyLongestMs: 4_000,
        emergencyCleanups: 2,
        proactiveLongestMs: 0,
        proactiveCleanups: 0,
        managersPeak: 20,
      }),
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
  test('of many lines stays under its label and ends with the command', () => {
    const lines = outcomeText(crashed).join('\n');

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

  test('is the same data wherever it was seen: the stack is left to the text', () => {
    expect(failedRun(crashed)).not.toHaveProperty('stack');
    expect(failedRun(crashed)).toMatchObject({ event: 9, lastEvent: 'server timer' });
  });

  test('that the outcome does not name is still a failure', () => {
    expect(failedRun({ ...passed, verdict: 'failed' })).toMatchObject({
      invariant: 'a run that does not pass says why',
      replay: 'npm run sim -- --seed 1 --scenario swarm',
    });
  });
});

describe('a campaign', () => {
  const name = { seed: 1, scenario: 'swarm', runsAsked: 4 };

  test('takes the mean of the two middle runs as its median', () => {
    const campaign = new Campaign(name);
    for (const events of [1_000, 10, 20, 30]) campaign.add({ ...passed, events });

    expect(campaign.totals().medians.events).toBe(25);
  });

  test('counts only the fault classes that struck', () => {
    const campaign = new Campaign(name);
    campaign.add({ ...passed, faults: { kill: 1, reset: 0, refuse: 7 } });

    expect(campaign.totals().medians.faultClasses).toBe(2);
  });

  test('without runs has totals too', () => {
    const totals = new Campaign(name).totals();

    expect(totals).toMatchObject({ runs: 0, verdict: 'passed', medians: { events: 0 } });
    expect(campaignText(totals, 0).at(-2)).toContain('(interrupted after 0 of 4)');
  });

  test('may be asked for its totals while more is to come', () => {
    const campaign = new Campaign(name);
    campaign.add(passed);
    const before = campaign.totals();
    campaign.add(crashed);

    expect(before).toMatchObject({ runs: 1, failures: [] });
    expect(campaign.totals()).toMatchObject({ runs: 2, verdict: 'crashed' });
    expect(campaign.totals().digest).not.toBe(before.digest);
  });

  test('has another digest when two runs change places', () => {
    const [there, back] = [new Campaign(name), new Campaign(name)];
    const other = { ...passed, digest: 'cd'.repeat(32) };
    for (const outcome of [passed, other]) there.add(outcome);
    for (const outcome of [other, passed]) back.add(outcome);

    expect(there.totals().digest).not.toBe(back.totals().digest);
  });

  test('keeps a bounded number of failures and counts them all', () => {
    const campaign = new Campaign({ ...name, runsAsked: failuresKeptMax + 5 });
    for (let seed = 0; seed < failuresKeptMax + 5; seed += 1) campaign.add({ ...crashed, seed });
    const json = campaignJson(campaign.totals());

    expect(json.failures).toHaveLength(failuresKeptMax);
    expect(json.failed).toBe(failuresKeptMax + 5);
  });
});
