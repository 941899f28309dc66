/**
 * What the registry costs, side by side with what one would write without it: `npm run bench`; and what the simulator
 * does: `npm run bench -- sim`. A report and no test: it ends with 0 whatever the verdicts are.
 */
import { cpus } from 'node:os';
import { formatTable } from '../sim/report/format.ts';
import { parseWords, refuseUsage } from '../tools/parse-arguments.ts';
import { acquire } from './acquire.ts';
import { churn } from './churn.ts';
import { day } from './day.ts';
import { idleMemory } from './idle-memory.ts';
import { type Bench, type Figure, formatRatio } from './measure.ts';
import { pingDelay } from './ping-delay.ts';
import { Laboratory } from './processes.ts';
import { simMemory } from './sim-memory.ts';
import { simScale } from './sim-scale.ts';
import { simSpeed } from './sim-speed.ts';
import { simWorkers } from './sim-workers.ts';
import { soak } from './soak.ts';
import { sweep } from './sweep.ts';

const sets: Readonly<Record<string, readonly Bench[]>> = {
  registry: [churn, idleMemory, acquire, sweep, pingDelay, soak],
  sim: [simSpeed, simScale, simMemory, simWorkers, day],
};
const benches = Object.values(sets).flat();

const { values, positionals } = parseWords(usage(), {
  allowPositionals: true,
  options: {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const names = values.only ?? [];
const unknown =
  names.find((name) => !benches.some((bench) => bench.name === name)) ??
  positionals.find((name) => sets[name] === undefined);
if (values.help) {
  console.log(usage());
} else if (unknown !== undefined) {
  refuseUsage(`there is no benchmark and no set ${unknown}`, usage());
} else {
  await run(chosen());
}

function chosen(): readonly Bench[] {
  if (names.length > 0) return benches.filter(({ name }) => names.includes(name));
  const wanted = positionals.length > 0 ? positionals : ['registry'];
  return wanted.flatMap((name) => sets[name] ?? []).filter((bench) => !bench.onlyOnRequest);
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
  const all = benches.map(({ name }) => name).join(', ');
  return (
    'npm run bench -- [SET]... [--only NAME]... [--quick] [--json]\n' +
    `SET is ${Object.keys(sets).join(' or ')} [registry].\n` +
    `NAME is one of ${all}; soak and day run only when they are asked for.`
  );
}
