import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  type Equivalent,
  equivalents,
  parseEquivalents,
} from '../../tools/mutation/equivalents.ts';
import { percentOf, type StrykerReport, scoreOf, scoreText } from '../../tools/mutation/score.ts';

const source = 'const a = 1;\nif (a > 1 &&\n  a < 3) go();\n';

function mutant(status: string, line = 2, columns: readonly [number, number] = [5, 10]) {
  return {
    mutatorName: 'ConditionalExpression',
    replacement: 'true',
    status,
    location: { start: { line, column: columns[0] }, end: { line, column: columns[1] } },
  };
}

function reportOf(...mutants: StrykerReport['files'][string]['mutants']): StrykerReport {
  return { files: { 'src/a.ts': { source, mutants } } };
}

const equivalent: Equivalent = {
  file: 'src/a.ts',
  mutator: 'ConditionalExpression',
  from: 'a > 1',
  to: 'true',
  reason: 'a is never less',
};

describe('the mutation score', () => {
  test('killed and timed-out mutants count as noticed, and ignored ones do not count', () => {
    const statuses = ['Killed', 'Killed', 'Timeout', 'Survived', 'NoCoverage', 'Ignored'];
    const score = scoreOf(reportOf(...statuses.map((status) => mutant(status))), []);

    expect(percentOf(score)).toBe(60);
    expect(scoreText(score)).toBe(
      'Mutation score 60 %: 2 killed by a test, 1 stopped because they did not end, 2 survived, 0 more are known to change nothing.',
    );
  });

  test('the score is never rounded up', () => {
    const mutants = [...Array.from({ length: 1_999 }, () => mutant('Killed')), mutant('Survived')];

    expect(percentOf(scoreOf(reportOf(...mutants), []))).toBe(99.9);
  });

  test('a survivor names its place and what was replaced by what, also over several lines', () => {
    const several = {
      ...mutant('Survived'),
      location: { start: { line: 2, column: 5 }, end: { line: 3, column: 8 } },
    };
    const { survivors } = scoreOf(reportOf(mutant('Survived'), several), []);

    expect(survivors).toEqual([
      { file: 'src/a.ts', line: 2, mutator: 'ConditionalExpression', from: 'a > 1', to: 'true' },
      {
        file: 'src/a.ts',
        line: 2,
        mutator: 'ConditionalExpression',
        from: 'a > 1 && a < 3',
        to: 'true',
      },
    ]);
  });

  test('an entry of the list of equivalents stands for one survivor and no more', () => {
    const score = scoreOf(reportOf(mutant('Survived'), mutant('Survived')), [equivalent]);

    expect(score).toMatchObject({ equivalent: 1, stale: [] });
    expect(score.survivors).toHaveLength(1);
  });

  test('an entry without its survivor is stale, unless its file was not tested', () => {
    const elsewhere = { ...equivalent, file: 'src/b.ts' };
    const score = scoreOf(reportOf(mutant('Killed')), [equivalent, elsewhere]);

    expect(score.stale).toEqual([equivalent]);
  });
});

describe('the list of equivalents', () => {
  test('an entry has the reason above it', () => {
    const text = '# about\n\n- why\n  src/a.ts BooleanLiteral: false -> true\n';

    expect(parseEquivalents(text)).toEqual([
      { file: 'src/a.ts', mutator: 'BooleanLiteral', from: 'false', to: 'true', reason: 'why' },
    ]);
  });

  test.each(['- why\n  src/a.ts: false', '  src/a.ts BooleanLiteral: false -> true'])(
    'a line that is no entry is refused: %j',
    (text) => {
      expect(() => parseEquivalents(text)).toThrow('is no entry');
    },
  );

  test('every entry names a file that exists', () => {
    expect(equivalents.filter(({ file }) => !existsSync(file))).toEqual([]);
  });
});
