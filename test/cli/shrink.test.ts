/** Shrinking and replaying as the command line does them, around a system that simulates nothing. */
import { describe, expect, test } from 'vitest';
import { run } from './bench-system.ts';

/** Runs, and keeps what was written. */
async function shrink(words: string) {
  const files = new Map<string, string>();
  const writeText = (path: string, text: string) => void files.set(path, text);
  return { ...(await run(words, { io: { writeText } })), files };
}

async function replay(words: string, text: string | undefined) {
  const paths: string[] = [];
  const readText = (path: string) => {
    paths.push(path);
    return text;
  };
  return { ...(await run(words, { io: { readText } })), paths };
}

const scenarioFile = 'reports/runs/swarm-7-leak.json';
const testFile = 'reports/runs/swarm-7-leak.test.ts';

describe('--shrink', () => {
  test('--shrink writes a scenario and a test, and ends with how to run both', async () => {
    const { status, out, err, files } = await shrink('--seed 7 --bug leak --shrink');

    expect(status).toBe('broke');
    expect(err).toBe('');
    expect([...files.keys()]).toEqual([scenarioFile, testFile]);
    expect(files.get(testFile)).toContain('./swarm-7-leak.json');
    expect(JSON.parse(files.get(scenarioFile) ?? '')).toMatchObject({
      format: 2,
      system: 'bench',
      broke: 'no manager leaks',
      madeBy: 'npm run sim -- --seed 7 --scenario swarm --bug leak --shrink',
      scenario: { seed: 7, settings: { bug: 'leak' } },
    });
    expect(out.slice(out.indexOf('\nshrunk\n') + 1)).toMatchInlineSnapshot(`
      "shrunk
        actions           0 -> 0
        faults            0 -> 0
        users and tabs    0 -> 0
        time with faults  1 s -> 0 ms
        runs              5, until nothing simpler fails

      steps

      cause
        the seeded bug leak: without it the run passes
        no fault: it takes none

      FAILED seed=7 scenario=swarm event=321
        invariant:  no manager leaks
        detail:     user ada holds 1 dead manager
        at:         1 min 2 s (61,500 ms of virtual time)
        last event: 321 server reset client-3
        digest:     0000000000000000000000000000000000000000000000000000000000000007
        replay:     npm run sim -- --replay reports/runs/swarm-7-leak.json
        scenario:   reports/runs/swarm-7-leak.json
        test:       npx vitest run reports/runs/swarm-7-leak.test.ts
      "
    `);
  });

  test('--shrink leaves a seed that passes as it is', async () => {
    const { status, out, files } = await shrink('--seed 8 --bug leak --shrink');

    expect(status).toBe('held');
    expect(out).not.toContain('shrunk');
    expect(files.size).toBe(0);
  });

  test('--shrink takes at most --shrink-runs', async () => {
    const { out } = await shrink('--seed 7 --bug leak --shrink --shrink-runs 1 --json');

    expect(JSON.parse(out).shrunk).toMatchObject({ runs: 1, ended: 'the runs are used up' });
  });

  test('--shrink is one field of the JSON', async () => {
    const { status, out } = await shrink('--seed 7 --bug leak --shrink --json');

    expect(status).toBe('broke');
    expect(JSON.parse(out)).toMatchObject({
      seed: 7,
      verdict: 'failed',
      shrunk: {
        ended: 'nothing simpler fails',
        isDueToBug: true,
        before: { actions: 0 },
        scenarioFile,
        testFile,
        failure: { replay: `npm run sim -- --replay ${scenarioFile}` },
      },
    });
  });

  test('--shrink that cannot write says so, and the run has failed all the same', async () => {
    const writeText = () => {
      throw new Error('ENOSPC: no space left');
    };
    const { status, out, err } = await run('--seed 7 --bug leak --shrink', { io: { writeText } });

    expect(status).toBe('broke');
    expect(err).toBe(`error: ${scenarioFile} cannot be written: ENOSPC: no space left\n`);
    expect(out).not.toContain('scenario:   reports');
  });

  test('--shrink that is interrupted keeps what it has', async () => {
    let interrupt = (): void => {};
    const onInterrupt = (listener: () => void) => {
      interrupt = listener;
      return () => {};
    };
    let nowMs = 0;
    const { status, out } = await run('--seed 7 --bug leak --shrink', {
      io: {
        onInterrupt,
        nowMs: () => {
          nowMs += 100;
          return nowMs;
        },
        turn: async () => interrupt(),
      },
    });

    expect(status).toBe('interrupted');
    expect(out).toContain('until it was interrupted');
    expect(out).toContain(`replay:     npm run sim -- --replay ${scenarioFile}`);
  });
});

describe('--replay', () => {
  const written = async () =>
    (await shrink('--seed 7 --bug leak --shrink')).files.get(scenarioFile) ?? '';

  test('--replay fails as the file did, and names itself as the replay', async () => {
    const { status, out, paths } = await replay('--replay some.json', await written());

    expect(paths).toEqual(['some.json']);
    expect(status).toBe('broke');
    expect(out).toMatch(/FAILED seed=7[\s\S]*replay: {5}npm run sim -- --replay some\.json\n$/);
  });

  test('--replay passes without its bug', async () => {
    const { status, out } = await replay('--replay some.json --bug none', await written());

    expect(status).toBe('held');
    expect(out).toContain('PASSED seed=7 scenario=swarm');
  });

  test('--replay takes another bug', async () => {
    const { status, out } = await replay(
      '--replay some.json --bug issue-108 --json',
      await written(),
    );

    expect(status).toBe('held');
    expect(JSON.parse(out)).toMatchObject({ seed: 7, bug: 'issue-108' });
  });

  test('--replay refuses a bug that the system does not have', async () => {
    const { status, out, err } = await replay('--replay f.json --bug lea', await written());

    expect(status).toBe('usage');
    expect(out).toBe('');
    expect(err).toBe(`error: --bug 'lea' is unknown; did you mean 'leak'?\n`);
  });

  test('--replay can be shrunk further', async () => {
    const { status, out } = await replay('--replay some.json --shrink', await written());

    expect(status).toBe('broke');
    expect(out).toContain(`replay:     npm run sim -- --replay ${scenarioFile}\n`);
  });

  test('--replay quotes a path for the shell', async () => {
    const { out } = await run(['--replay', "it's here.json"], {
      io: { readText: await written().then((text) => () => text) },
    });

    expect(out).toContain(`replay:     npm run sim -- --replay 'it'\\''s here.json'\n`);
  });

  test.each<[string, string | undefined, string]>([
    ['is not there', undefined, `error: --replay 'f.json' is not there`],
    ['is no JSON', '{', `error: --replay 'f.json' is not whole JSON`],
    [
      'is of tomorrow',
      '{"format": 3}',
      `error: --replay 'f.json' has format 3, and this code reads 1 and 2`,
    ],
    ['is another file', '{"format": 1}', `error: --replay 'f.json' is not a scenario file: story`],
    [
      'is of a system that there is not',
      '{"format": 2, "system": "toy", "story": "", "scenario": {"format": 1}}',
      `error: --replay 'f.json' is of system 'toy', and the systems here are bench`,
    ],
    [
      'the system refuses',
      '{"format": 1, "story": "", "scenario": {"format": 1, "settings": 7}}',
      `error: --replay 'f.json' is not one that this code understands: scenario.settings must be`,
    ],
  ])('--replay of a file that %s is wrong usage, in one line', async (_, text, message) => {
    const { status, out, err } = await replay('--replay f.json', text);

    expect(status).toBe('usage');
    expect(out).toBe('');
    expect(err).toContain(message);
    expect(err).toMatch(/^error: .*\n$/);
  });

  test('--replay of a file that cannot be read is wrong usage', async () => {
    const readText = () => {
      throw new Error('EISDIR: illegal operation on a directory');
    };
    const { status, err } = await run('--replay .', { io: { readText } });

    expect(status).toBe('usage');
    expect(err).toBe(
      `error: --replay '.' cannot be read: EISDIR: illegal operation on a directory\n`,
    );
  });
});
