import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Equivalent, faultsOf } from '../../tools/mutation/equivalence.ts';
import { groupOf } from '../../tools/mutation/groups.ts';
import { readOptions } from '../../tools/mutation/options.ts';
import { reportOf, reportText, type Source } from '../../tools/mutation/report.ts';
import {
  emptyState,
  type FileResult,
  type Mutant,
  type MutantEvent,
  merged,
  rangeOf,
  resultsOf,
  sha256,
  toMeasure,
  updated,
} from '../../tools/mutation/results.ts';

afterEach(() => void vi.unstubAllEnvs());

const source = 'const a = 1;\nif (a > 1 &&\n  a < 3) go();\n';

function event(status: string, line: number, columns: readonly [number, number], to = 'true') {
  const start = { line, column: columns[0] };
  const end = { line, column: columns[1] };
  return {
    fileName: '/anywhere/src/a.ts',
    status,
    mutatorName: 'ConditionalExpression',
    replacement: to,
    location: { start, end },
  } satisfies MutantEvent;
}

function mutant(status: Mutant['status'], line = 2, to = 'true'): Mutant {
  const at = line === 2 ? 'if (a > 1 &&' : 'a < 3) go();';
  const end = { line, column: 10 };
  return { line, column: 5, end, at, mutator: 'ConditionalExpression', from: 'a > 1', to, status };
}

function file(mutants: readonly Mutant[], tests = 'old'): FileResult {
  return { sha256: sha256(source), tests, mutants };
}

const measured = { name: 'src/a.ts', content: source };
const all = (...sources: readonly Source[]) => ({ sources, digest: 'of all' });
const equivalent: Equivalent = {
  file: 'src/a.ts',
  at: 'if (a > 1 &&',
  mutants: [{ from: 'a > 1', to: 'true' }],
  reason: 'a is never less',
};

describe('the options of npm run mutation', () => {
  const sources = ['src/a.ts', 'src/b.ts'];

  test('have defaults, and name files as one types them', () => {
    expect(readOptions([], sources)).toEqual({
      minutes: 60,
      only: [],
      concurrency: 2,
      isFresh: false,
      wantsHelp: false,
    });
    expect(
      readOptions(['--only', './src/a.ts', '--only', 'src/b.ts', '--minutes', '0.5'], sources),
    ).toMatchObject({ minutes: 0.5, only: sources });
  });

  test.each([
    [['--minutes', '0'], "--minutes must be a number above 0 and at most 1440, got '0'"],
    [['--minutes', 'soon'], "got 'soon'"],
    [['--minutes', '9999'], "got '9999'"],
    [['--concurrency', '1.5'], "--concurrency must be an integer from 1 to 99, got '1.5'"],
    [['--only', 'src/c.ts'], "--only 'src/c.ts' is no file of src/"],
    [['--fast'], '--fast'],
    [['src/a.ts'], 'src/a.ts'],
  ])('refuse %j', (words, message) => {
    expect(readOptions(words, sources)).toContain(message);
  });
});

describe('the results of a file', () => {
  test('are read from events, in the order of the source', () => {
    const tested = [event('Killed', 3, [3, 8]), event('Survived', 2, [5, 10])];

    expect(resultsOf('src/a.ts', source, tested, tested)).toMatchObject({
      isWhole: true,
      mutants: [
        { line: 2, at: 'if (a > 1 &&', from: 'a > 1', to: 'true', status: 'survived' },
        { line: 3, at: 'a < 3) go();', from: 'a < 3', status: 'killed' },
      ],
    });
  });

  test('show a mutant of several lines as one', () => {
    const { mutants } = resultsOf(
      'src/a.ts',
      source,
      [],
      [
        {
          ...event('NoCoverage', 2, [5, 0]),
          location: { start: { line: 2, column: 5 }, end: { line: 3, column: 8 } },
        },
      ],
    );

    expect(mutants).toMatchObject([
      { from: 'a > 1 && a < 3', end: { line: 3, column: 8 }, status: 'uncovered' },
    ]);
    expect(mutants.map((each) => rangeOf('src/a.ts', each))).toEqual(['src/a.ts:2:4-3:7']);
  });

  test('are not whole while a mutant is untested, or came to no result', () => {
    const planned = [event('', 2, [5, 10]), event('', 3, [3, 8])];
    const of = (...tested: MutantEvent[]) => resultsOf('src/a.ts', source, planned, tested);

    expect(of(event('Killed', 2, [5, 10])).isWhole).toBe(false);
    expect(of(event('Killed', 2, [5, 10]), event('Pending', 3, [3, 8])).isWhole).toBe(false);
    expect(resultsOf('src/b.ts', source, planned, [])).toEqual({ mutants: [], isWhole: true });
  });

  test('of a file that was not known are nothing before they are whole', () => {
    const now = { sha256: sha256(source), tests: 'new' };
    const mutants = [mutant('killed')];

    expect(updated({ mutants, isWhole: true }, undefined, now)).toEqual({ ...now, mutants });
    expect(updated({ mutants, isWhole: false }, undefined, now)).toBeUndefined();
  });

  test('are news of those that had survived, also when the run was cut short', () => {
    const now = { sha256: sha256(source), tests: 'new' };
    const known = file([mutant('killed'), mutant('survived', 3), mutant('survived', 3, 'false')]);
    const mutants = [mutant('survived'), mutant('killed', 3)];
    const expected = [mutant('killed'), mutant('killed', 3), mutant('survived', 3, 'false')];

    expect(updated({ mutants, isWhole: false }, known, now)).toEqual(file(expected, 'old'));
    expect(updated({ mutants, isWhole: true }, known, now)).toEqual(file(expected, 'new'));
  });
});

describe('the next run', () => {
  const now = { name: 'src/a.ts', sha256: sha256(source), tests: 'old' };
  const state = (result: FileResult) => merged(emptyState, { 'src/a.ts': result }, ['src/a.ts']);

  test('measures what is new, what has changed, and survivors when tests have', () => {
    const survivor = state(file([mutant('survived')]));

    expect(toMeasure(emptyState, [now])).toEqual(['src/a.ts']);
    expect(toMeasure(survivor, [now])).toEqual([]);
    expect(toMeasure(survivor, [{ ...now, sha256: 'other' }])).toEqual(['src/a.ts']);
    expect(toMeasure(survivor, [{ ...now, tests: 'new' }])).toEqual(['src/a.ts']);
    expect(toMeasure(state(file([mutant('killed')])), [{ ...now, tests: 'new' }])).toEqual([]);
  });

  test('keeps what was measured before, and nothing of a file that is gone', () => {
    const before = state(file([mutant('killed')]));
    const after = merged(before, { 'src/b.ts': file([]) }, ['src/a.ts', 'src/b.ts']);

    expect(Object.keys(after.files)).toEqual(['src/a.ts', 'src/b.ts']);
    expect(Object.keys(merged(after, {}, ['src/b.ts']).files)).toEqual(['src/b.ts']);
  });
});

describe('the report', () => {
  const mutants = [
    mutant('killed', 3),
    mutant('timed out', 3, 'x'),
    mutant('survived', 2),
    mutant('survived', 3, 'false'),
    mutant('static', 3, 'y'),
  ];
  const state = merged(emptyState, { 'src/a.ts': file(mutants) }, ['src/a.ts']);

  test('counts neither what is equivalent nor what was not run', () => {
    const report = reportOf(state, all(measured), [equivalent]);

    expect(report).toMatchObject({
      format: 1,
      score: 66.6,
      killed: 1,
      timedOut: 1,
      survived: 1,
      uncovered: 0,
      equivalent: 1,
      static: 1,
      unmeasured: [],
      files: { 'src/a.ts': { sha256: sha256(source), killed: 1, equivalent: 1 } },
    });
    expect(report.survivors).toEqual([
      {
        file: 'src/a.ts',
        line: 2,
        mutator: 'ConditionalExpression',
        from: 'a > 1',
        to: 'true',
        reason: 'a is never less',
      },
      { file: 'src/a.ts', line: 3, mutator: 'ConditionalExpression', from: 'a > 1', to: 'false' },
    ]);
    expect(reportText(report).at(-1)).toBe(
      'mutation score 66.6 %: 2 of 3 noticed, 1 more change nothing',
    );
  });

  test('says what was not measured as it is now, and is the same for the same', () => {
    const sources = [measured, { name: 'src/b.ts', content: 'b' }];
    const report = reportOf(state, all(...sources), []);

    expect(report.unmeasured).toEqual(['src/b.ts']);
    expect(reportText(report).join('\n')).toContain('not measured as it is now: src/b.ts');
    expect(reportOf(state, all(...sources.toReversed()), [])).toEqual(report);
    expect(reportOf(state, all({ ...measured, content: 'new' }), []).unmeasured).toEqual([
      'src/a.ts',
    ]);
    expect(reportOf(emptyState, all(...sources), []).score).toBe(0);
  });

  test('keeps what the report that is there says of files that were not measured here', () => {
    const other = { name: 'src/b.ts', content: 'b' };
    const committed = reportOf(
      merged(
        emptyState,
        {
          'src/a.ts': file([mutant('killed')]),
          'src/b.ts': { ...file([mutant('killed')]), sha256: sha256('b') },
        },
        ['src/a.ts', 'src/b.ts'],
      ),
      all(measured, other),
      [],
    );
    const report = reportOf(state, all(measured, other), [], committed);

    expect(report.files['src/b.ts']).toEqual(committed.files['src/b.ts']);
    expect(report.unmeasured).toEqual([]);
    expect(report.killed).toBe(reportOf(state, all(measured), []).killed + 1);
    expect(
      reportOf(emptyState, all(measured, { ...other, content: 'new' }), [], committed).unmeasured,
    ).toEqual(['src/b.ts']);
  });
});

describe('the list of equivalents', () => {
  const names = ['src/a.ts'];
  const state = (...mutants: readonly Mutant[]) =>
    merged(emptyState, { 'src/a.ts': file(mutants) }, names);

  test('is in order while every entry has its survivor', () => {
    expect(faultsOf([equivalent], state(mutant('survived')), [], names)).toEqual([]);
  });

  test('has a fault when a test notices after all, or the source has changed', () => {
    const fault = 'src/a.ts has no survivor a > 1 -> true at: if (a > 1 &&';

    expect(faultsOf([equivalent], state(mutant('killed')), [], names)).toEqual([fault]);
    expect(faultsOf([equivalent], state(), [], names)).toEqual([fault]);
    expect(faultsOf([equivalent], emptyState, [], [])).toEqual([
      'src/a.ts is no source: if (a > 1 &&',
    ]);
  });

  test('says nothing of a file that was not measured', () => {
    expect(faultsOf([equivalent], emptyState, ['src/a.ts'], names)).toEqual([]);
  });
});

test('every file is of one group: its own, or the rest', () => {
  expect(groupOf('src/upgrade/attach-options.ts').name).toBe('door');
  expect(groupOf('src/delivery/outbox.ts').name).toBe('registry');
  expect(groupOf('src/telemetry/otel.ts').name).toBe('metrics');
});

test('what keeps the tests loaded says so when it is started by hand', async () => {
  vi.stubEnv('LEAKTIGHT_MUTATION_GROUP', undefined);

  await expect(import('../../tools/mutation/resident.test.ts')).rejects.toThrow(
    'resident.test.ts is started by `npm run mutation`, never by hand',
  );
});
