/** The report of a verification, in Markdown. Pure. */

import { formatCount, formatCounters, formatMs } from '../../sim/report/format.ts';
import type { Inputs } from './inputs.ts';
import type { CampaignResult, Results } from './results.ts';
import { bugRow, code, corpusRow, searchRow, singleRow, tableHead, tableLine } from './tables.ts';
import { checksOf, invariantSections, sumOf } from './totals.ts';
import type { VerifiedSystem } from './verified-system.ts';

/** What the report says beside the results. */
export interface Origin {
  readonly inputs: Inputs;
  /** One line, or nothing when no mutation score was given. */
  readonly mutationLine?: string | undefined;
}

/** The text of a report on a verification that found nothing. */
export function reportText(origin: Origin, results: Results, system: VerifiedSystem): string {
  const lines = [
    `# Verification of leaktight ${origin.inputs.version}`,
    '',
    ...introduction(results),
    ...sources(origin.inputs),
    ...invariantSections(results, system),
    ...campaigns(results),
    ...statesReached(results),
    ...searches(results, system),
    ...bugs(results),
    ...corpus(results),
    '## Mutants',
    '',
    origin.mutationLine ?? 'No mutation score was given to this report.',
  ];
  return `${lines.join('\n')}\n`;
}

function introduction({
  campaigns: made,
  searches: done,
  corpus: replayed,
  bugs: hunted,
}: Results) {
  const totals = made.map((campaign) => campaign.totals);
  const searchRuns = sumOf(done, ({ runs }) => runs);
  const events = sumOf(totals, (one) => one.events) + sumOf(done, (one) => one.events);
  return [
    'What the simulator finds in the sources of one commit. `npm run verify` writes this file. It writes the same bytes on any',
    'machine, on Node 20, 22, 24 and 26, with any number of worker threads: the file holds no time and no date.',
    '',
    `**Passed.** ${formatCount(sumOf(totals, ({ runs }) => runs))} runs by seed and ${formatCount(searchRuns)} by exhaustive search,`,
    `${formatCount(events)} events, ${formatCount(checksOf(made) + sumOf(done, ({ checks }) => checks))} checks of invariants, none of which failed;`,
    `${replayed.length} scenarios that once failed replayed; ${hunted.length} of ${hunted.length} seeded bugs caught by their own invariant.`,
    '',
  ];
}

function sources({ commit, isChanged, packages }: Inputs): string[] {
  const origin = commit === undefined ? 'none: made outside of a checkout' : code(commit);
  const changes = commit !== undefined && isChanged ? ', with changes that are not committed' : '';
  return [
    '## Sources',
    '',
    ...tableHead(['what', 'commit or version']),
    tableLine(['the commit that this report was made from', `${origin}${changes}`]),
    ...packages.map(({ name, version }) =>
      tableLine([`the package ${code(name)}, as it is locked`, version]),
    ),
    '',
    'The golden digests in `test/golden` hold every later commit to the same behaviour; this file is made anew for a release.',
    '',
  ];
}

function campaigns({ campaigns: made }: Results): string[] {
  const head = [
    'scenario',
    'seeds',
    'verdict',
    'connections',
    'events',
    'virtual time',
    'run twice',
  ];
  const faults: Record<string, number> = {};
  for (const { totals } of made) {
    for (const [kind, count] of Object.entries(totals.faults)) {
      faults[kind] = (faults[kind] ?? 0) + count;
    }
  }
  return [
    '## Campaigns',
    '',
    'Each seed is a run of its own: `npm run sim -- --scenario NAME --seed N`. The digest of a campaign is the SHA-256 of each',
    '`seed:digest`, added up modulo 2^256; `npm run sim -- --scenario NAME --seed 1 --runs N` prints it. Seeds that are run twice',
    'came to the same events both times.',
    '',
    ...tableHead([...head, 'digest']),
    ...made.map(campaignLine),
    '',
    `Faults that struck: ${formatCounters(faults)}.`,
    '',
    'Single runs, each with the digest over its events and the bytes on its wire:',
    '',
    ...tableHead(['scenario', 'seed', 'events', 'digest']),
    ...made.flatMap(({ singles }) => singles.map(singleRow)),
    '',
  ];
}

function campaignLine({ totals }: CampaignResult): string {
  const { scenario, runs, verdict, connections, events, virtualMs, determinism, digest } = totals;
  return tableLine([
    scenario,
    runs === 1 ? '1' : `1 to ${formatCount(runs)}`,
    verdict,
    formatCount(connections),
    formatCount(events),
    formatMs(virtualMs),
    formatCount(determinism.checked),
    code(digest),
  ]);
}

function statesReached({ campaigns: made }: Results): string[] {
  const rows = made.flatMap(({ totals: { scenario, reached } }) =>
    reached
      .filter(({ isRequired }) => isRequired)
      .map(({ name, runs, times }) =>
        tableLine([scenario, name, formatCount(runs), formatCount(times)]),
      ),
  );
  return [
    '## States reached',
    '',
    'A scenario that never comes near a limit proves nothing about it. These are the states that its runs must reach sometimes.',
    '',
    ...tableHead(['scenario', 'state', 'runs', 'times']),
    ...rows,
    '',
  ];
}

function searches({ searches: done }: Results, { smallUniverse }: VerifiedSystem): string[] {
  const deepest = done.at(-1);
  const head = ['paths', 'runs', 'to the end', 'states', 'verdict', 'digest'];
  return [
    '## All sequences of a few actions',
    '',
    ...smallUniverse.description.map(([label, value]) => `- ${label}: ${value}`),
    '- a path goes on only from a state that no earlier one came to, as far as a fingerprint tells states apart',
    '',
    ...tableHead(head),
    ...done.map(searchRow),
    '',
    `Complete for these actions at fixed latencies, and for nothing else. By length, up to ${deepest?.depth ?? 0}:`,
    '',
    ...tableHead(['actions', 'runs', 'to the end', 'new states']),
    ...(deepest?.levels ?? []).map(({ depth, runs, whole, states }) =>
      tableLine([depth, runs, whole, states].map(formatCount)),
    ),
    '',
  ];
}

function bugs({ bugs: hunted }: Results): string[] {
  const head = ['bug', 'guarantees', 'caught by', 'scenario', 'seeds until found', 'forerunners'];
  return [
    '## Seeded bugs',
    '',
    'Each is a mistake planted in a copy of `src/`, looked for in a scenario from seed 1 on, and caught when the invariant that',
    'is there for it breaks first. On some seeds before, a forerunner broke instead: another invariant, which the catalogue',
    'names with its reason. What was found is then shrunk; the last column is what is left, run on the code as it ships.',
    '',
    ...tableHead([...head, 'steps left', 'steps before', 'without the bug']),
    ...hunted.map(bugRow),
    '',
  ];
}

function corpus({ corpus: replayed }: Results): string[] {
  return [
    '## Corpus',
    '',
    'Scenarios in `sim/corpus/` that once failed: `npm run sim -- --replay sim/corpus/FILE`.',
    '',
    ...tableHead(['file', 'story', 'verdict', 'events', 'digest']),
    ...replayed.map(corpusRow),
    '',
  ];
}
