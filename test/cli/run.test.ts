import { describe, expect, test } from 'vitest';
import type { TraceSink } from '../../sim/cli/io.ts';
import { type FakeSimulate, run, simulate, system } from './bench-system.ts';

describe('a single run', () => {
  test('a single run reports what the seed resolved to, what happened, what was checked and the verdict', async () => {
    const { status, out, err } = await run('--seed 42');

    expect(status).toBe('held');
    expect(err).toBe('');
    expect(out).toMatchInlineSnapshot(`
      "resolved
        seed      42
        scenario  swarm
        users     6
        latency   1 to 10 ms

      happened
        connections           72
        events                542
        wire bytes            12,345
        virtual time          1 min 33 s
        managers at the peak  52
        refused               1
        proactive cleanups    2 (longest 120 ms)
        emergency cleanups    1 (longest 4 s)
        faults                reset 3

      checked
            invariant                checks
        ok  no manager leaks            542
        ok  every key has one owner      20

      PASSED seed=42 scenario=swarm
        digest:     000000000000000000000000000000000000000000000000000000000000002a
      "
    `);
  });

  test('a single run that fails ends with the command that brings it back', async () => {
    const { status, out } = await run('--seed 7 --bug leak');

    expect(status).toBe('broke');
    expect(out).toMatch(/^ {2}FAILED {2}no manager leaks +507 {2}1 failed$/m);
    expect(out.slice(out.indexOf('FAILED seed='))).toMatchInlineSnapshot(`
      "FAILED seed=7 scenario=swarm event=321
        invariant:  no manager leaks
        detail:     user ada holds 1 dead manager
        at:         1 min 2 s (61,500 ms of virtual time)
        last event: 321 server reset client-3
        digest:     0000000000000000000000000000000000000000000000000000000000000007
        replay:     npm run sim -- --seed 7 --scenario swarm --bug leak
      "
    `);
  });

  test('a single run fails again when its replay command is run', async () => {
    const failed = JSON.parse((await run('--seed 7 --bug leak --json')).out);
    const words = failed.failure.replay.replace('npm run sim -- ', '');
    const again = JSON.parse((await run(`${words} --json`)).out);

    expect(words).toBe('--seed 7 --scenario swarm --bug leak');
    expect(again).toEqual(failed);
  });

  test('a single run has said what the seed resolved to before it begins', async () => {
    let printed = '';
    let printedBefore = '';
    await run('--seed 42', {
      io: {
        out: (text) => {
          printed += text;
        },
      },
      simulate: (scenario) => {
        printedBefore = printed;
        return simulate(scenario);
      },
    });

    expect(printedBefore).toContain('latency');
    expect(printedBefore).not.toContain('PASSED');
  });

  test('a single run is one JSON object with --json', async () => {
    const { status, out, err } = await run('--seed 42 --json');

    expect(status).toBe('held');
    expect(err).toBe('');
    expect(out).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(out)).toEqual({
      seed: 42,
      scenario: 'swarm',
      verdict: 'passed',
      digest: '2a'.padStart(64, '0'),
      virtualMs: 93_250,
      events: 542,
      connections: 72,
      wireBytes: 12_345,
      emergencyLongestMs: 4_000,
      metrics: expect.objectContaining({ managersPeak: 52 }),
      faults: { reset: 3, kill: 0 },
      invariants: [
        { name: 'no manager leaks', checks: 542, failures: 0 },
        { name: 'every key has one owner', checks: 20, failures: 0 },
      ],
    });
  });

  test('a single run that fails carries invariant, detail, time and replay in its JSON', async () => {
    const { status, out } = await run('--seed 7 --bug leak --json');

    expect(status).toBe('broke');
    expect(JSON.parse(out)).toMatchObject({
      bug: 'leak',
      verdict: 'failed',
      failure: {
        seed: 7,
        invariant: 'no manager leaks',
        detail: 'user ada holds 1 dead manager',
        atMs: 61_500,
        replay: 'npm run sim -- --seed 7 --scenario swarm --bug leak',
      },
    });
  });

  test('a single run that the simulator cannot end is a crash with a seed', async () => {
    const text = await run('--seed 13');
    const { status, out } = await run('--seed 13 --json');

    expect(text.status).toBe('broke');
    expect(text.out).toMatch(
      /CRASHED seed=13[\s\S]*replay: {5}npm run sim -- --seed 13 --scenario swarm\n$/,
    );
    expect(status).toBe('broke');
    expect(JSON.parse(out)).toMatchObject({
      verdict: 'crashed',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      failure: { detail: 'TypeError: the loop lost its queue', seed: 13 },
    });
  });

  test('a single run that cannot even be made is a crash with a seed', async () => {
    const broken = {
      name: 'swarm',
      description: 'cannot be made',
      make: () => {
        throw new RangeError('no user was drawn');
      },
    };
    const { status, out } = await run('--seed 5', { system: { families: [broken] } });

    expect(status).toBe('broke');
    expect(out).toContain('detail:     RangeError: no user was drawn');
    expect(out).toContain('replay:     npm run sim -- --seed 5 --scenario swarm\n');
  });
});

describe('a trace', () => {
  test('a trace gets every record of the run and is closed', async () => {
    const written: object[] = [];
    const paths: string[] = [];
    let isClosed = false;
    const openTrace = (path: string): TraceSink => {
      paths.push(path);
      return {
        write: (record) => void written.push(record),
        restart: () => void written.splice(0),
        close: () => {
          isClosed = true;
          return undefined;
        },
      };
    };
    const { status } = await run('--seed 1 --trace t.jsonl', { io: { openTrace } });

    expect(status).toBe('held');
    expect(isClosed).toBe(true);
    expect(paths).toEqual(['t.jsonl']);
    expect(written).toEqual([{ kind: 'start', seed: 1 }, { kind: 'end' }]);
  });

  test.each(['', ' --check-determinism'])(
    'a trace of a run that is made anew holds nothing of the first time%s',
    async (flag) => {
      const written: object[] = [];
      const openTrace = (): TraceSink => ({
        write: (record) => void written.push(record),
        restart: () => void written.splice(0),
        close: () => undefined,
      });
      const restarted: FakeSimulate = async (scenario, options) => {
        options?.onTrace?.({ kind: 'start', seed: scenario.seed });
        options?.onTrace?.({ kind: 'what the stop cut short' });
        options?.onRestart?.();
        return simulate(scenario, options);
      };

      const { status, out } = await run(`--seed 1 --trace t${flag}`, {
        io: { openTrace },
        simulate: restarted,
      });

      expect(status).toBe('held');
      expect(written).toEqual([{ kind: 'start', seed: 1 }, { kind: 'end' }]);
      expect(out).not.toContain('diverged');
    },
  );

  test('a trace that cannot be opened is wrong usage, before the run', async () => {
    const { status, out, err } = await run('--seed 1 --trace no/such', {
      io: {
        openTrace: () => {
          throw new Error("ENOENT: no such file or directory, open 'no/such'");
        },
      },
    });

    expect(status).toBe('usage');
    expect(out).toBe('');
    expect(err).toBe(
      `error: --trace 'no/such' cannot be written: ENOENT: no such file or directory, open 'no/such'\n`,
    );
  });

  test.each([
    ['--seed 1', 'usage'],
    ['--seed 1 --bug leak', 'broke'],
  ])(
    'a trace that is not whole is said so (%s), and a failed run stays one',
    async (words, expected) => {
      const openTrace = (): TraceSink => ({
        write: () => {},
        restart: () => {},
        close: () => new Error('ENOSPC'),
      });
      const { status, err } = await run(`${words} --trace full`, { io: { openTrace } });

      expect(status).toBe(expected);
      expect(err).toBe(`error: --trace 'full' is not whole: ENOSPC\n`);
    },
  );
});

describe('the list', () => {
  test('the list is three tables', async () => {
    const { status, out } = await run('--list');

    expect(status).toBe('held');
    expect(out).toMatchInlineSnapshot(`
      "scenarios
        name       what happens
        swarm      everything
        multi-tab  eight tabs

      bugs
        name       guarantees  caught by         what goes wrong
        leak       G7          no manager leaks  nothing is let go
        issue-108  G1 G7       no manager leaks  looked up afresh

      invariants
        name                     guarantee  what holds
        no manager leaks         G7         all are gone at the end
        every key has one owner  G2         keys are injective
      "
    `);
  });

  test('the list is four arrays of named things with --json', async () => {
    const { out } = await run('--list --json');

    expect(JSON.parse(out)).toEqual({
      scenarios: [
        { name: 'swarm', description: 'everything' },
        { name: 'multi-tab', description: 'eight tabs' },
      ],
      bugs: system.bugs,
      propertyBugs: [],
      invariants: system.oracles,
    });
  });
});
