/** The report of a verification, in Markdown. Pure: what went in and what came out, to lines; the last one seals the others. */

import { createHash } from 'node:crypto';
import { formatCount, formatMs, formatTally } from '../../sim/report/format.ts';
import type { Inputs } from './inputs.ts';
import type { VerificationLab } from './lab.ts';
import { mutationLines } from './mutation.ts';
import type { Plans } from './plan.ts';
import type { CampaignResult, Results } from './results.ts';
import {
  bugRow,
  code,
  corpusRow,
  searchRow,
  singleRow,
  sourceRows,
  tableHead,
  tableLine,
  titleRow,
} from './rows.ts';
import { checksOf, invariantSections, sumOf } from './totals.ts';

/** The text of a report on a verification that found nothing. */
export function reportText(
  inputs: Inputs,
  results: Results,
  lab: VerificationLab,
  plans: Plans,
): string {
  const lines = [
    titleRow(inputs).line,
    '',
    ...introduction(results),
    ...sources(inputs),
    ...invariantSections(results, lab),
    ...campaigns(results),
    ...statesReached(results),
    ...searches(results, lab),
    ...bugs(results),
    ...corpus(results),
    '## Mutants',
    '',
    ...mutationLines(inputs.mutation),
    '',
    ...repeating(plans),
  ];
  return `${[...lines, sealOf(lines)].join('\n')}\n`;
}

/** The last line of a report: it changes with any other. */
export function sealOf(lines: readonly string[]): string {
  const hash = createHash('sha256').update(lines.join('\n')).digest('hex');
  return `SHA-256 of the lines above: ${code(hash)}`;
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
    'What the simulator finds in these sources. `npm run verify` writes this file, and writes the same bytes on any machine,',
    'on Node 20, 22, 24 and 26, with any number of threads: it holds no time, no date and nothing of the machine.',
    '',
    `**Passed.** ${formatCount(sumOf(totals, ({ runs }) => runs))} runs by seed and ${formatCount(searchRuns)} by exhaustive search,`,
    `${formatCount(events)} events, ${formatCount(checksOf(made) + sumOf(done, ({ checks }) => checks))} checks of invariants, none of which failed;`,
    `${replayed.length} scenarios that once failed replayed; ${hunted.length} of ${hunted.length} seeded bugs caught by their own invariant.`,
    '',
  ];
}

function sources(inputs: Inputs): string[] {
  return [
    '## Sources',
    '',
    ...tableHead(['what', 'SHA-256 or version']),
    ...sourceRows(inputs).map(({ line }) => line),
    '',
    'A digest is the SHA-256 over name, NUL, text, NUL of each file in the order of the names, with line ends as `\\n`.',
    'Nothing else decides what stands below.',
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
    `Faults that struck: ${formatTally(faults)}.`,
    '',
    'Single runs, each with the digest over its events and the bytes on its wire:',
    '',
    ...tableHead(['scenario', 'seed', 'events', 'digest']),
    ...made.flatMap(({ singles }) => singles.map((run) => singleRow(run).line)),
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

function searches({ searches: done }: Results, { universe }: VerificationLab): string[] {
  const deepest = done.at(-1);
  const head = ['paths', 'runs', 'to the end', 'states', 'verdict', 'digest'];
  return [
    '## All sequences of a few actions',
    '',
    ...universe.description.map(([label, value]) => `- ${label}: ${value}`),
    '- a path goes on only from a state that no earlier one came to, as far as a fingerprint tells states apart',
    '',
    ...tableHead(head),
    ...done.map((search) => searchRow(search).line),
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
    ...hunted.map((bug) => bugRow(bug).line),
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
    ...replayed.map((one) => corpusRow(one).line),
    '',
  ];
}

function repeating({ part }: Plans): string[] {
  const bugNames = part.bugs === 'all' ? 'all bugs' : part.bugs.map(code).join(', ');
  return [
    '## Repeating it',
    '',
    '`npm run verify` repeats all of it and writes this file anew. `npm run verify -- --check` is for CI: it writes nothing and',
    'fails when one of these lines is not what it finds, or when this text is not as it was written:',
    '',
    '- the digests and versions of the sources',
    '- the single runs',
    `- the search of up to ${part.depths.join(' and ')} actions`,
    '- the corpus',
    `- the seeded bugs ${bugNames}`,
    `- what is said of mutants`,
    '',
  ];
}
