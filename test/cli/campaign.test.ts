import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { lab, run } from './bench-lab.ts';

describe('many runs', () => {
  test('take the seeds from the first one on, in order', async () => {
    const seeds: number[] = [];
    await run('--seed 20 --runs 3', {
      lab: {
        simulate: (scenario) => {
          seeds.push(scenario.seed);
          return lab.simulate(scenario);
        },
      },
    });

    expect(seeds).toEqual([20, 21, 22]);
  });

  test('are summed in the JSON, with one digest over all in seed order', async () => {
    const { ending, out } = await run('--seed 1 --runs 3 --json');
    const digests = [1, 2, 3].map((seed) => String(seed).padStart(64, '0')).join('');

    expect(ending).toBe('held');
    expect(JSON.parse(out)).toEqual({
      seed: 1,
      scenario: 'swarm',
      runs: 3,
      passed: 3,
      failed: 0,
      verdict: 'passed',
      digest: createHash('sha256').update(digests).digest('hex'),
      virtualMs: 279_750,
      events: 1_506,
      connections: 96,
      wireBytes: 37_035,
      emergencyLongestMs: 4_000,
      metrics: {
        managersPeak: 13,
        proactiveCleanups: 6,
        proactiveLongestMs: 120,
        emergencyCleanups: 3,
        emergencyLongestMs: 4_000,
        refused: 3,
      },
      faults: { reset: 9, kill: 2 },
      medians: { connections: 32, events: 502, faultClasses: 2 },
      invariants: [
        { name: 'no manager leaks', checks: 1_506, failures: 0 },
        { name: 'every key has one owner', checks: 60, failures: 0 },
      ],
      failures: [],
    });
  });

  test('hold nothing in the JSON that another machine would write otherwise', async () => {
    const slow = { nowMs: () => Math.random() * 1e6 };
    const one = await run('--seed 1 --runs 5 --json');
    const two = await run('--seed 1 --runs 5 --json', { io: slow });

    expect(two.out).toBe(one.out);
  });

  test('go on after a failure and name every failed seed with its replay', async () => {
    const { ending, out } = await run('--seed 10 --runs 6 --bug leak --json');
    const json = JSON.parse(out);

    expect(ending).toBe('broke');
    expect(json).toMatchObject({ runs: 6, passed: 3, failed: 3, verdict: 'failed', bug: 'leak' });
    expect(json.failures.map(({ seed }: { seed: number }) => seed)).toEqual([11, 13, 15]);
    expect(json.failures[2].replay).toBe('npm run sim -- --seed 15 --scenario swarm --bug leak');
    expect(json.failure).toEqual(json.failures[0]);
  });

  test('are a crash when the first failure is one', async () => {
    const { out } = await run('--seed 13 --runs 3 --bug leak --json');

    expect(JSON.parse(out)).toMatchObject({ verdict: 'crashed', failed: 2 });
  });

  test('report totals, medians, speed, invariants and verdict', async () => {
    const { out } = await run('--seed 1 --runs 4');

    expect(out).toMatchInlineSnapshot(`
      "seeds 1 to 4, scenario swarm

      runs
        runs                  4 (4 passed, 0 failed)
        connections           130
        events                2,010
        wire bytes            49,380
        virtual time          6 min 13 s
        managers at the peak  14
        refused               4
        proactive cleanups    8 (longest 120 ms)
        emergency cleanups    4 (longest 4 s)
        faults                kill 2, reset 12
        median run            32.5 connections, 502.5 events, 1.5 fault classes
        speed                 18 ms real, 222.2 runs/s, 7,222.2 connections/s, virtual time 20,722.2 times real

      checked
            invariant                checks
        ok  no manager leaks          2,010
        ok  every key has one owner      80

      PASSED seed=1 runs=4 scenario=swarm
        digest:     7bad05be49576a595d3b0bc373b0aeb62c1dba9503420fb728dcc5806b30b1aa
      "
    `);
  });

  test('list the first ten failures and count the others', async () => {
    const { out } = await run('--seed 15 --runs 40 --bug leak');

    expect(out.match(/^ {2}\d+ +failed {3}no manager leaks/gm)).toHaveLength(10);
    expect(out).toContain('  and 10 more\n');
    expect(out).toMatch(/failed: {5}20 of 40, first seed 15\n/);
    expect(out).toMatch(/replay: {5}npm run sim -- --seed 15 --scenario swarm --bug leak\n$/);
  });

  test('of one seed are reported as many', async () => {
    const { out } = await run('--seed 3 --runs 1 --json');

    expect(JSON.parse(out)).toMatchObject({ seed: 3, runs: 1, failures: [] });
  });

  test('that are interrupted report what was done so far', async () => {
    let interrupt = (): void => {};
    let isListening = false;
    let turns = 0;
    // A run takes longer than a campaign may keep Ctrl-C waiting, so each is followed by a turn.
    let nowMs = 0;
    const io = {
      nowMs: () => {
        nowMs += 100;
        return nowMs;
      },
      onInterrupt: (listener: () => void) => {
        isListening = true;
        interrupt = listener;
        return () => {
          isListening = false;
        };
      },
      turn: async () => {
        turns += 1;
        if (turns === 3) interrupt();
      },
    };
    const { ending, out } = await run('--seed 1 --runs 100 --json', { io });
    turns = 0;
    const text = await run('--seed 1 --runs 100', { io });

    expect(ending).toBe('interrupted');
    expect(isListening).toBe(false);
    expect(JSON.parse(out)).toMatchObject({
      runs: 3,
      verdict: 'passed',
      interrupted: { runsAsked: 100 },
    });
    expect(text.ending).toBe('interrupted');
    expect(text.out).toContain('PASSED seed=1 runs=3 scenario=swarm (interrupted after 3 of 100)');
  });
});
