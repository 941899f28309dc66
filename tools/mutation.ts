/**
 * The program `npm run mutation`: Stryker changes `src/` in one place at a time, and sees whether a test notices. Prints
 * the survivors and the score. Fails when the score is below its target, or when the list of equivalents is stale.
 *
 * Called as `mutation.ts [FILE ...]`, with files of `src/`: all of them when none is named. Stryker goes on from its last
 * run: `.cache/mutation` holds what it knows.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { equivalents } from './mutation/equivalents.ts';
import { type Group, mutationGroups } from './mutation/groups.ts';
import { percentOf, type StrykerReport, scoreOf, scoreText } from './mutation/score.ts';

const target = 98;
const folder = '.cache/mutation';
const stryker = 'node_modules/@stryker-mutator/core/bin/stryker.js';

const files = process.argv.slice(2);
const stranger = files.find((file) => !/^src\/.+\.ts$/.test(file) || !existsSync(file));
if (stranger === undefined) process.exitCode = run();
else {
  console.error(`error: ${stranger} is no file of src/`);
  process.exitCode = 2;
}

function run(): 0 | 1 {
  mkdirSync(folder, { recursive: true });
  const asked = mutationGroups()
    .map((group) => (files.length === 0 ? group : { ...group, sources: files.filter(group.holds) }))
    .filter(({ sources }) => sources.length > 0);
  return asked.every(measure) ? report(asked) : 1;
}

function measure({ name, sources }: Group): boolean {
  const base = JSON.parse(readFileSync('tools/mutation/stryker.json', 'utf8')) as object;
  const config = {
    ...base,
    mutate: sources,
    incrementalFile: `${folder}/${name}-incremental.json`,
    jsonReporter: { fileName: `${folder}/${name}.json` },
  };
  const file = `${folder}/${name}-config.json`;
  writeFileSync(file, JSON.stringify(config));
  const { status } = spawnSync(process.execPath, [stryker, 'run', file], {
    stdio: 'inherit',
    // The runner is TypeScript, and Stryker loads it in each of its processes.
    env: { ...process.env, NODE_OPTIONS: '--import tsx', LEAKTIGHT_MUTATION_GROUP: name },
  });
  return status === 0;
}

/** Also writes the report of all groups as one, for `npm run verify -- --mutation-report`. */
function report(groups: readonly Group[]): 0 | 1 {
  const reports = groups.map(
    ({ name }) => JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8')) as StrykerReport,
  );
  const whole = { files: Object.assign({}, ...reports.map(({ files }) => files)) } as StrykerReport;
  writeFileSync(`${folder}/report.json`, JSON.stringify(whole));
  const score = scoreOf(whole, equivalents);
  for (const { file, line, from, to } of score.survivors) {
    console.log(`survived: ${file}:${line} ${from} -> ${to}`);
  }
  for (const { file, from, to } of score.stale) {
    console.error(`error: the list of equivalents: ${file} has no survivor ${from} -> ${to}`);
  }
  console.log(scoreText(score));
  return percentOf(score) >= target && score.stale.length === 0 ? 0 : 1;
}
