/**
 * What the registry costs, side by side with what one would write without it: `npm run bench`. A report and no test: it
 * ends with 0 whatever the verdicts are.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { formatTable } from '../sim/report/format.ts';
import { acquire } from './acquire.ts';
import { churn } from './churn.ts';
import { day } from './day.ts';
import { idleMemory } from './idle-memory.ts';
import { type Bench, type Figure, formatRatio } from './measure.ts';
import { pingDelay } from './ping-delay.ts';
import { Laboratory } from './processes.ts';
import { simSpeed } from './sim-speed.ts';
import { soak } from './soak.ts';
import { sweep } from './sweep.ts';

const benches: readonly Bench[] = [
  churn,
  idleMemory,
  acquire,
  sweep,
  pingDelay,
  simSpeed,
  soak,
  day,
];

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const unknown = values.only?.find((name) => !benches.some((bench) => bench.name === name));
if (values.help) {
  console.log(usage());
} else if (unknown !== undefined) {
  console.error(`There is no benchmark ${unknown}.\n${usage()}`);
  process.exitCode = 2;
} else {
  await run(chosen(values.only));
}

function chosen(only: readonly string[] | undefined): readonly Bench[] {
  return benches.filter(({ name, onlyOnRequest }) =>
    only === undefined ? onlyOnRequest !== true : only.includes(name),
  );
}

async function run(selected: readonly Bench[]): Promise<void> {
  const startedMs = performance.now();
  const progress = (text: string): void => console.error(`${text} ...`);
  using laboratory = new Laboratory(values.quick, progress);
  const figures: Figure[] = [];
  for (const bench of selected) figures.push(...(await bench.run(laboratory)));
  const durationMs = Math.round(performance.now() - startedMs);
  const { quick, notes } = laboratory;
  const { arch, platform, version: node } = process;
  const machine = { node, platform, arch, cpus: cpus().length, model: cpus()[0]?.model.trim() };
  if (values.json) {
    console.log(JSON.stringify({ machine, quick, durationMs, figures, notes }, undefined, 2));
    return;
  }
  console.log(
    [
      '',
      ...table(figures),
      '',
      ...notes,
      `ratio: ours to the baseline, median of the rounds${quick ? '; --quick, not for quoting' : ''}`,
      `${node}, ${platform} ${arch}, ${machine.cpus} x ${machine.model}, ${Math.round(durationMs / 1_000)} s`,
    ].join('\n'),
  );
}

function table(figures: readonly Figure[]): string[] {
  const rows = figures.map(({ name, baseline, ours, ratio, spread, target, verdict }) => [
    name,
    baseline === undefined ? '-' : formatFigure(baseline),
    formatFigure(ours),
    ratio === undefined ? '-' : formatRatio(ratio),
    spread === undefined ? '-' : spread.map(formatRatio).join(' to '),
    target ?? '-',
    verdict ?? '-',
  ]);
  return formatTable(
    [['figure', 'baseline', 'ours', 'ratio', 'of the rounds', 'target', 'verdict'], ...rows],
    { align: ['left', 'right', 'right', 'right'], indent: '' },
  );
}

/** Three digits that count, or all digits of a whole number. */
function formatFigure(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

function usage(): string {
  const names = benches.map(({ name }) => name).join(', ');
  return (
    'npm run bench -- [--only NAME]... [--quick] [--json]\n' +
    `NAME is one of ${names}; soak and day run only when they are asked for.`
  );
}
