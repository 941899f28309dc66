/** The mutation score as a line of the report, read from the JSON report of Stryker. */

import { readFileSync } from 'node:fs';
import { equivalents } from '../mutation/equivalents.ts';
import { type StrykerReport, scoreOf, scoreText } from '../mutation/score.ts';

/** @throws {Error} when `file` is not a report of Stryker that has mutants. */
export function readMutationScore(file: string): string {
  try {
    const score = scoreOf(JSON.parse(readFileSync(file, 'utf8')) as StrykerReport, equivalents);
    if (score.killed === 0) throw new Error('no mutant was killed');
    return scoreText(score);
  } catch (error) {
    throw new Error(`${file} is not a report of Stryker: ${(error as Error).message}`);
  }
}
