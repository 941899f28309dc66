/**
 * The program `npm run determinism`: one seed gives one digest, on every supported version of Node, in a process of its
 * own, in a thread of a campaign, twice in one process, and after other runs in it. Prints every digest it saw and fails unless they agree.
 */

import { execFileSync } from 'node:child_process';
import { parseSeed } from '../sim/cli/numbers.ts';
import { UsageError } from '../sim/cli/usage-error.ts';
import { formatTable } from '../sim/report/format.ts';
import { scenarios } from '../sim/systems/registry/index.ts';
import { isVersion, nodeBinary } from './determinism/node-binary.ts';
import { type Observation, observe } from './determinism/observe.ts';
import { parseWords, refuseUsage } from './parse-arguments.ts';

const usage = `npm run determinism -- [--versions 20,22,24,26] [--seeds 1,42,4711] [--scenario swarm]
A seed may be a commit hash. An empty --versions leaves it at the node at hand.`;

const { values } = parseWords(usage, {
  options: {
    versions: { type: 'string', default: '20,22,24,26' },
    seeds: { type: 'string', default: '1,42,4711' },
    scenario: { type: 'string', default: 'swarm' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help) {
  console.log(usage);
} else if (!scenarios.some(({ name }) => name === values.scenario)) {
  refuseUsage(`--scenario '${values.scenario}' is no scenario`, usage);
} else {
  process.exitCode = compare(versionsOf(values.versions), seedsOf(values.seeds)) ? 0 : 1;
}

function versionsOf(value: string): readonly string[] {
  const versions = list(value);
  const stranger = versions.find((version) => !isVersion(version));
  if (stranger === undefined) return versions;
  return refuseUsage(`--versions must be numbers like 22 or 22.20.0, got '${stranger}'`, usage);
}

/** As decimals. */
function seedsOf(value: string): readonly string[] {
  const seeds = list(value);
  if (seeds.length === 0) return refuseUsage('--seeds must be at least one seed', usage);
  try {
    return seeds.map((seed) => String(parseSeed(seed, '--seeds')));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return refuseUsage(error.message, usage);
  }
}

function compare(versions: readonly string[], seeds: readonly string[]): boolean {
  // The node at hand twice: two processes must agree before two versions can.
  const binaries = [process.execPath, process.execPath, ...versions.map(nodeBinary)];
  const seen = binaries.flatMap((binary) => {
    const version = execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim();
    console.log(`${version} runs ${seeds.length} seeds ...`);
    return observe({ binary, version, seeds, scenario: values.scenario });
  });
  console.log(['', ...table(seen), ''].join('\n'));

  const differing = seeds.filter((seed) => digestsOf(seed, seen).size !== 1);
  for (const seed of differing) {
    console.error(`DIFFERS seed=${seed}: ${digestsOf(seed, seen).size} digests`);
  }
  if (differing.length > 0) return false;
  console.log(`SAME ${seen.length} runs of ${seeds.length} seeds: one digest a seed`);
  return true;
}

/** One row for each seed, version and digest: as many rows as versions a seed, unless something differs. */
function table(seen: readonly Observation[]): string[] {
  const groups = new Map<string, Observation[]>();
  for (const one of seen) {
    const key = [one.seed, one.version, one.digest].join(' ');
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const rows = [...groups.values()]
    .flatMap((group) => group.slice(0, 1).map((one) => ({ ...one, how: howText(group) })))
    .toSorted((a, b) => Number(a.seed) - Number(b.seed))
    .map(({ seed, version, how, digest }) => [seed, version, digest, how]);
  return formatTable([['seed', 'node', 'digest', 'runs'], ...rows], { indent: '' });
}

function howText(group: readonly Observation[]): string {
  const ways = new Set(group.map(({ how }) => how));
  return `${group.length} (${[...ways].join(', ')})`;
}

function digestsOf(seed: string, seen: readonly Observation[]): Set<string> {
  return new Set(seen.filter((one) => one.seed === seed).map(({ digest }) => digest));
}

function list(value: string): string[] {
  return value.split(',').filter((entry) => entry !== '');
}
