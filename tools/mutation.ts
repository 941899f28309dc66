/**
 * The program `npm run mutation`: Stryker changes `src/` in one place at a time, and sees whether a test notices. Prints
 * the survivors and the score. Fails when the score is below its target, or when the list of equivalents is stale.
 *
 * Options are handed on to Stryker, e.g. `--mutate src/delivery/outbox.ts`.
 */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { equivalents } from './mutation/equivalents.ts';
import { percentOf, type StrykerReport, scoreOf, scoreText } from './mutation/score.ts';

const target = 98;
const reportFile = '.cache/mutation/report.json';

const stryker = 'node_modules/@stryker-mutator/core/bin/stryker.js';
const { status } = spawnSync(process.execPath, [stryker, 'run', ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = status === 0 ? report() : 1;

function report(): 0 | 1 {
  const score = scoreOf(JSON.parse(readFileSync(reportFile, 'utf8')) as StrykerReport, equivalents);
  for (const { file, line, from, to } of score.survivors) {
    console.log(`survived: ${file}:${line} ${from} -> ${to}`);
  }
  for (const { file, from, to } of score.stale) {
    console.error(`error: the list of equivalents: ${file} has no survivor ${from} -> ${to}`);
  }
  console.log(scoreText(score));
  return percentOf(score) >= target && score.stale.length === 0 ? 0 : 1;
}
