/** Runs seeds on one binary of Node and says which digests came of it. */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { DigestSum } from '../../sim/search/campaign/digest-sum.ts';

export interface Observation {
  readonly seed: string;
  readonly version: string;
  readonly how: string;
  readonly digest: string;
}

export interface Subject {
  readonly binary: string;
  readonly version: string;
  readonly seeds: readonly string[];
  readonly scenario: string;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

export function observe(subject: Subject): Observation[] {
  const { version, seeds, scenario } = subject;
  const alone = seeds.map((seed) => {
    const args = ['sim/cli.ts', '--seed', seed, '--scenario', scenario, '--json'];
    const { digest } = JSON.parse(run(subject, args)) as { digest: string };
    return { seed, version, how: 'first of a process', digest };
  });
  const threaded = alone.map((one) => ({
    ...one,
    how: 'in a thread',
    digest: digestInThread(subject, one),
  }));
  const probe = run(subject, ['tools/determinism/probe.ts', scenario, ...seeds]);
  const together = JSON.parse(probe) as { seed: string; how: string; digest: string }[];
  return [...alone, ...threaded, ...together.map((one) => ({ ...one, version }))];
}

/** A campaign of one seed prints a sum of one digest: that of `expected`, or another. */
function digestInThread(subject: Subject, expected: Observation): string {
  const { seed } = expected;
  const words = ['--seed', seed, '--scenario', subject.scenario, '--runs', '1', '--workers', '1'];
  const campaign = JSON.parse(run(subject, ['sim/cli.ts', ...words, '--json'])) as {
    readonly seed: number;
    readonly digest: string;
  };
  const sum = new DigestSum();
  sum.add(campaign.seed, expected.digest);
  return campaign.digest === sum.hex() ? expected.digest : `${campaign.digest} (a sum)`;
}

function run({ binary }: Subject, args: readonly string[]): string {
  try {
    return execFileSync(binary, ['--import', 'tsx', ...args], { cwd: root, encoding: 'utf8' });
  } catch (error) {
    // A run that fails has printed its digest all the same; one that printed nothing did not run.
    const output = (error as { stdout?: unknown }).stdout;
    if (typeof output === 'string' && output !== '') return output;
    throw error;
  }
}
