import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isCheckedSeed } from '../../sim/search/campaign/seed-plan.ts';
import { run, simulate, system } from './bench-system.ts';

describe('a campaign', () => {
  test('a campaign takes the seeds from the first one on, in order, and checks that one for determinism', async () => {
    const seeds: number[] = [];
    await run('--seed 20 --runs 3', {
      simulate: (scenario) => {
        seeds.push(scenario.seed);
        return simulate(scenario);
      },
    });

    expect(seeds).toEqual([20, 20, 21, 22]);
  });

  test('a campaign is summed in the JSON, with one digest over all', async () => {
    const { status, out } = await run('--seed 1 --runs 3 --json');

    expect(status).toBe('held');
    expect(JSON.parse(out)).toEqual({
      seed: 1,
      scenario: 'swarm',
      runs: 3,
      passed: 3,
      failed: 0,
      verdict: 'passed',
      digest: digestOver([1, 2, 3]),
      lastSeed: 3,
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
      reached: [
        { name: 'an acquire was refused at the limit', runs: 1, times: 2, isRequired: false },
      ],
      unreached: [],
      determinism: { checked: 1, diverged: 0, divergences: [] },
      failures: [],
    });
  });

  test('a campaign holds nothing in the JSON that another machine would write otherwise', async () => {
    const slow = { nowMs: () => Math.random() * 1e6 };
    const one = await run('--seed 1 --runs 5 --json');
    const two = await run('--seed 1 --runs 5 --json', { io: slow });

    expect(two.out).toBe(one.out);
  });

  test('a campaign goes on after a failure and names every failed seed with its replay', async () => {
    const { status, out } = await run('--seed 10 --runs 6 --bug leak --json');
    const json = JSON.parse(out);

    expect(status).toBe('broke');
    expect(json).toMatchObject({ runs: 6, passed: 3, failed: 3, verdict: 'failed', bug: 'leak' });
    expect(json.failures.map(({ seed }: { seed: number }) => seed)).toEqual([11, 13, 15]);
    expect(json.failures[2].replay).toBe('npm run sim -- --seed 15 --scenario swarm --bug leak');
    expect(json.failure).toEqual(json.failures[0]);
  });

  test('a campaign is a crash when the first failure is one', async () => {
    const { out } = await run('--seed 13 --runs 3 --bug leak --json');

    expect(JSON.parse(out)).toMatchObject({ verdict: 'crashed', failed: 2 });
  });

  test('a campaign reports totals, medians, speed, invariants and verdict', async () => {
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
        run twice             1 seed, the same both times
        speed                 30 ms real, 133.3 runs/s, 4,333.3 connections/s, virtual time 12,433.3 times real

      checked
            invariant                checks
        ok  no manager leaks          2,010
        ok  every key has one owner      80

      reached
          state                                runs  times
          an acquire was refused at the limit     1      2

      PASSED seed=1 runs=4 scenario=swarm
        last seed:  4
        digest:     6113f8c6c161d210ac311d28538671c6452b2d6c451c8d63d1a6d0dffaf379b7
      "
    `);
  });

  test('a campaign lists the first ten failures and counts the others', async () => {
    const { out } = await run('--seed 15 --runs 40 --bug leak');

    expect(out.match(/^ {2}\d+ +failed {3}no manager leaks/gm)).toHaveLength(10);
    expect(out).toContain('  and 10 more\n');
    expect(out).toMatch(/failed: {5}20 of 40, first seed 15\n/);
    expect(out).toMatch(
      /shrink: {5}npm run sim -- --seed 15 --scenario swarm --bug leak --shrink\n/,
    );
    expect(out).toMatch(/replay: {5}npm run sim -- --seed 15 --scenario swarm --bug leak\n$/);
  });

  test('a campaign of one seed is reported as a campaign', async () => {
    const { out } = await run('--seed 3 --runs 1 --json');

    expect(JSON.parse(out)).toMatchObject({ seed: 3, runs: 1, failures: [] });
  });

  test('a campaign that is interrupted reports what was done so far', async () => {
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
    const { status, out } = await run('--seed 1 --runs 100 --workers 0 --json', { io });
    turns = 0;
    const text = await run('--seed 1 --runs 100 --workers 0', { io });

    expect(status).toBe('interrupted');
    expect(isListening).toBe(false);
    expect(JSON.parse(out)).toMatchObject({
      runs: 3,
      verdict: 'passed',
      interrupted: { runsAsked: 100 },
    });
    expect(text.status).toBe('interrupted');
    expect(text.out).toContain('PASSED seed=1 runs=3 scenario=swarm (interrupted after 3 of 100)');
  });
});

describe('a campaign that time ends', () => {
  /** Every look at the clock takes a second of it. */
  const clock = () => {
    let nowMs = 0;
    return {
      nowMs: () => {
        nowMs += 1_000;
        return nowMs;
      },
    };
  };

  test('a campaign that time ends says how many runs it made, and up to which seed', async () => {
    const { status, out } = await run('--seed 20 --minutes 1 --workers 0', { io: clock() });
    const runs = Number(/runs=(\d+)/.exec(out)?.[1]);

    expect(status).toBe('held');
    expect(runs).toBeGreaterThan(1);
    expect(out).toMatch(/^seeds from 20 on, scenario swarm, for 1 min$/m);
    expect(out).toContain(`PASSED seed=20 runs=${runs} scenario=swarm (time was up after ${runs})`);
    expect(out).toContain(`last seed:  ${20 + runs - 1}\n`);
  });

  test('a campaign that time ends makes no more runs than were asked for, if it comes so far', async () => {
    const few = await run('--seed 20 --minutes 1 --runs 2 --json', { io: clock() });
    const many = await run('--seed 20 --minutes 1 --runs 5000 --workers 0 --json', { io: clock() });

    expect(JSON.parse(few.out)).toMatchObject({ runs: 2, lastSeed: 21 });
    expect(JSON.parse(few.out)).not.toHaveProperty('timeUp');
    expect(JSON.parse(many.out)).toMatchObject({ timeUp: { minutes: 1, runsAsked: 5_000 } });
    expect(JSON.parse(many.out).digest).toBe(
      digestOver(Array.from({ length: JSON.parse(many.out).runs }, (_, index) => 20 + index)),
    );
  });
});

describe('shards of a campaign', () => {
  test('shards of a campaign make every seed of the campaign once, and their digests add up to its digest', async () => {
    const shards = await Promise.all(
      ['1/3', '2/3', '3/3'].map((shard) => run(`--seed 5 --runs 7 --shard ${shard} --json`)),
    );
    const parts = shards.map(({ out }) => JSON.parse(out));
    const whole = JSON.parse((await run('--seed 5 --runs 7 --json')).out);

    expect(parts.map(({ shard, runs, lastSeed }) => [shard, runs, lastSeed])).toEqual([
      ['1/3', 3, 11],
      ['2/3', 2, 9],
      ['3/3', 2, 10],
    ]);
    const sum = parts.reduce((total, { digest }) => total + BigInt(`0x${digest}`), 0n);
    expect((sum % (1n << 256n)).toString(16).padStart(64, '0')).toBe(whole.digest);
  });

  test('shards of a campaign say in their text which seeds they are', async () => {
    const { out } = await run('--seed 5 --runs 7 --shard 2/3');

    expect(out).toContain(
      'seeds 6 to 9 in steps of 3, scenario swarm, shard 2/3 of the campaign from 5 on\n',
    );
    expect(out).toContain('PASSED seed=5 runs=2 scenario=swarm shard=2/3\n');
  });
});

describe('sometimes states', () => {
  const families = system.families.map((family) => ({
    ...family,
    sometimes: ['an acquire was refused at the limit', 'the moon was full'],
  }));

  test('sometimes states fail a campaign of a hundred runs that never reached one', async () => {
    const long = await run('--seed 20 --runs 100 --workers 0', { system: { families } });
    const short = await run('--seed 20 --runs 99 --workers 0', { system: { families } });

    expect(long.status).toBe('broke');
    expect(long.out).toMatch(/^ {2}NEVER {2}the moon was full +0 +0$/m);
    expect(long.out).toContain('FAILED seed=20 runs=100');
    expect(long.out).toContain('  never:      the moon was full\n');
    expect(short.status).toBe('held');
    expect(short.out).toMatch(/^ {2}not reached {2}the moon was full/m);
  });

  test('sometimes states are demanded or not, as is said', async () => {
    const must = await run('--seed 1 --runs 3 --require-sometimes', { system: { families } });
    const words = '--seed 20 --runs 100 --workers 0 --no-require-sometimes';
    const need = await run(words, { system: { families } });

    expect(must.status).toBe('broke');
    expect(need.status).toBe('held');
  });
});

describe('a seed that gives two runs', () => {
  /** What `simulate` gives is another run each time that seed 2 is run. */
  const moody = () => {
    let calls = 0;
    return {
      simulate: async (...[scenario, options]: Parameters<typeof simulate>) => {
        calls += 1;
        options?.onTrace?.({ event: 1, kind: 'boot' });
        options?.onTrace?.({ event: 2, kind: 'timer', id: scenario.seed === 2 ? calls : 0 });
        const outcome = await simulate(scenario);
        return scenario.seed === 2 ? { ...outcome, digest: `${calls}`.padStart(64, 'f') } : outcome;
      },
    };
  };

  test('a seed that gives two runs ends a campaign that checks it so, and names the first event that differs', async () => {
    const { status, out } = await run('--seed 1 --runs 3 --check-determinism --json', {
      ...moody(),
    });

    expect(status).toBe('diverged');
    expect(JSON.parse(out)).toMatchObject({
      verdict: 'diverged',
      failed: 0,
      determinism: {
        checked: 3,
        diverged: 1,
        divergences: [
          {
            seed: 2,
            event: 2,
            first: '{"event":2,"kind":"timer","id":3}',
            second: '{"event":2,"kind":"timer","id":4}',
            replay: 'npm run sim -- --seed 2 --scenario swarm --check-determinism',
          },
        ],
      },
    });
  });

  test('a seed that gives two runs is found as the first of a campaign, and before failures count', async () => {
    const { status, out } = await run('--seed 2 --runs 2 --bug leak', moody());

    expect(status).toBe('diverged');
    expect(out).toContain('failed:     1 of 2, first seed 3');
    expect(out).toMatch(/^DIVERGED seed=2 scenario=swarm event=2$/m);
    expect(out).toMatch(/replay: .*--seed 2 --scenario swarm --bug leak --check-determinism\n$/);
  });

  test('a seed that gives two runs is found in a single run that is checked', async () => {
    const checked = await run('--seed 2 --check-determinism', moody());
    const other = await run('--seed 1 --check-determinism', moody());
    const unchecked = await run('--seed 2', moody());

    expect(checked.status).toBe('diverged');
    expect(checked.out).toContain('DIVERGED seed=2 scenario=swarm event=2');
    expect(other.status).toBe('held');
    expect(other.out).toContain('run twice:  the same both times');
    expect(unchecked.status).toBe('held');
  });
});

test('one seed in about a hundred is checked for determinism, in every campaign', () => {
  const seeds = Array.from({ length: 20_000 }, (_, seed) => seed);
  const checked = seeds.filter(isCheckedSeed);

  expect(checked.length).toBeGreaterThan(150);
  expect(checked.length).toBeLessThan(250);
  expect(checked.slice(0, 3)).toMatchInlineSnapshot(`
    [
      5,
      130,
      376,
    ]
  `);
});

/** As `DigestSum` does it: the hash of each seed with its digest, added up. */
function digestOver(seeds: readonly number[]): string {
  const hashes = seeds.map((seed) => {
    const digest = seed.toString(16).padStart(64, '0');
    return BigInt(`0x${createHash('sha256').update(`${seed}:${digest}`).digest('hex')}`);
  });
  const sum = hashes.reduce((total, hash) => total + hash, 0n);
  return (sum % (1n << 256n)).toString(16).padStart(64, '0');
}
