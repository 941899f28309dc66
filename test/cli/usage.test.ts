import { describe, expect, test } from 'vitest';
import { run } from './bench-system.ts';

const hash = '0123456789abcdef0123456789abcdef01234567';

describe('wrong usage is one line that names what was meant', () => {
  test.each([
    ['--scenario multitab', `error: --scenario 'multitab' is unknown; did you mean 'multi-tab'?`],
    ['--scenario SWARM', `error: --scenario 'SWARM' is unknown; did you mean 'swarm'?`],
    ['--scenario=', `error: --scenario '' is unknown; did you mean`],
    ['--bug issue108', `error: --bug 'issue108' is unknown; did you mean 'issue-108'?`],
    ['--bug lea', `error: --bug 'lea' is unknown; did you mean 'leak'?`],
    ['--sed 42', `error: option '--sed' is unknown; did you mean '--seed'?`],
    ['--sed=42', `error: option '--sed' is unknown; did you mean '--seed'?`],
    ['--scen swarm', `error: option '--scen' is unknown; did you mean '--scenario'?`],
    ['--seeds 42', `error: option '--seeds' is unknown; did you mean '--seed'?`],
    ['-s 42', `error: option '-s' is unknown; did you mean`],
    ['--json=1', `error: --json takes no value, got '1'`],
    ['--seed', `error: option '--seed <n>' argument missing`],
    ['--trace', `error: option '--trace <file>' argument missing`],
    ['--seed x', `error: --seed must be a decimal from 0 to 9007199254740991`],
    ['--seed -1', `got '-1'`],
    ['--seed --json', `got '--json'`],
    ['--runs 0', `error: --runs must be a positive integer, got '0'`],
    ['--seed 9007199254740991 --runs 2', 'at most 1 fit'],
    ['42', `error: argument '42' belongs to no option (--seed?)`],
    ['multi-tob', `belongs to no option (--scenario?) did you mean 'multi-tab'?`],
    ['--seed 1 -- --json', `error: argument '--json' belongs to no option`],
    ['--runs 2 --trace t.jsonl', `error: --trace 't.jsonl' holds one run, got --runs 2`],
    ['--runs 9 --workers some', `error: --workers must be 'auto' or an integer from 0 to 1024`],
    ['--runs 9 --workers -1', `got '-1'`],
    ['--runs 9 --workers 1025', `got '1025'`],
    ['--workers 2', 'error: --workers is for many runs; give --runs or --minutes too'],
    ['--runs 9 --shard 0/3', `error: --shard must be i/n with 1 <= i <= n, as 2/4, got '0/3'`],
    ['--runs 9 --shard 4/3', `got '4/3'`],
    ['--runs 9 --shard 1', `got '1'`],
    ['--runs 9 --shard 1/2/3', `got '1/2/3'`],
    ['--runs 2 --shard 3/3', 'error: --shard 3/3 has none of the runs; give more --runs'],
    ['--shard 1/3', 'error: --shard is for many runs; give --runs or --minutes too'],
    ['--resume f.json', 'error: --resume is for many runs'],
    ['--no-require-sometimes', 'error: --no-require-sometimes is for many runs'],
    ['--minutes 0', 'error: --minutes must be a positive number of minutes'],
    ['--minutes 1e3', `got '1e3'`],
    ['--minutes -1', `got '-1'`],
    ['--minutes 1 --trace t.jsonl', `error: --trace 't.jsonl' holds one run, got --minutes 1`],
    ['--runs 1 --trace t.jsonl --workers 2', 'leave --workers out'],
    ['--runs 1 --trace t.jsonl --resume f', 'leave --resume out'],
    [
      '--shrink --runs 3',
      'error: --shrink is for one run; give the --seed of a failure without --runs',
    ],
    ['--shrink --minutes 3', 'without --minutes'],
    ['--shrink-runs 3', 'error: --shrink-runs is for a failure that is shrunk; give --shrink too'],
    ['--shrink --shrink-runs 0', `error: --shrink-runs must be a positive integer, got '0'`],
    ['--replay f.json', `error: --replay 'f.json' is not there`],
    ['--replay f.json --exhaustive', 'leave --exhaustive out'],
    ['--replay f.json --seed 1', 'error: --replay makes the run of a file; leave --seed out'],
    ['--replay f.json --scenario swarm', 'leave --scenario out'],
    ['--replay f.json --runs 2', 'leave --runs out'],
    ['--bug none', `error: --bug 'none' is unknown`],
    ['--list --scenario nope', `error: --scenario 'nope' is unknown`],
  ])('%s', async (words, line) => {
    const { status, out, err } = await run(words);

    expect(status).toBe('usage');
    expect(err).toContain(line);
    expect(err).toMatch(/^error: .*\n$/);
    expect(out).toBe('');
  });

  test('a value with line breaks and escapes stays on that line', async () => {
    const { err } = await run(['--scenario', 'swarm\n\u001b[31m\u009b']);

    expect(err).toBe(
      `error: --scenario 'swarm\\n\\x1B[31m\\x9B' is unknown; did you mean 'swarm'?\n`,
    );
  });

  test('a system without seeded bugs says that there is none', async () => {
    const { err } = await run('--bug leak', { system: { bugs: [] } });

    expect(err).toBe(`error: --bug 'leak' is unknown; there is none to choose from\n`);
  });
});

describe('the arguments that are understood', () => {
  test('a commit hash runs as the seed of its first 48 bits', async () => {
    const { out } = await run(['--seed', hash, '--json']);

    expect(JSON.parse(out)).toMatchObject({ seed: 0x0123456789ab, scenario: 'swarm' });
  });

  test('a value may follow an equals sign', async () => {
    const { out } = await run('--seed=5 --scenario=multi-tab --json');

    expect(JSON.parse(out)).toMatchObject({ seed: 5, scenario: 'multi-tab' });
  });

  test('without a seed one is drawn and shown', async () => {
    const { status, out } = await run('');

    expect(status).toBe('held');
    expect(out).toMatch(/^ {2}seed +4711$/m);
  });

  test.each(['--help', '-h', '--help --runs 3'])(
    '%s explains options and exit codes',
    async (words) => {
      const { status, out, err } = await run(words);

      expect(status).toBe('held');
      for (const word of [
        '--seed',
        '--scenario',
        '--runs',
        '--minutes',
        '--workers',
        '--shard',
        '--resume',
        '--check-determinism',
        '--require-sometimes',
        '--bug',
        '--trace',
        '--json',
        '--list',
        'Exit codes',
        '130',
      ]) {
        expect(out).toContain(word);
      }
      expect(err).toBe('');
    },
  );
});
