/** The metrics of a run or of many, as rows of text. The system defines which of them share a row. */
import type { FigureRow, Figures } from '../run/system.ts';
import { formatMs, formatName, formatNumber } from './format.ts';

type Metrics = Readonly<Record<string, number>>;
type Row = readonly [label: string, value: string];

/** The rows that the system names, then all its other metrics. */
export function metricRows(metrics: Metrics, { rows: named }: Figures): Row[] {
  const shown = new Set(
    named.flatMap(({ name, of, from, longest }) => [name, of, from?.name, longest]),
  );
  const others = Object.entries(metrics).filter(([name]) => !shown.has(name));
  return [
    ...named.flatMap((row) => namedRow(row, metrics)),
    ...others.map(([name, value]): Row => {
      const isTime = name.endsWith('Ms');
      const label = formatName(isTime ? name.slice(0, -2) : name);
      return [label, isTime ? formatMs(value) : formatNumber(value)];
    }),
  ];
}

/** The metrics that the JSON forms repeat. */
export function summaryOf(metrics: Metrics, { summary }: Figures): Metrics {
  return Object.fromEntries(summary.map((name) => [name, metrics[name] ?? 0]));
}

function namedRow({ name, label, of, from, longest }: FigureRow, metrics: Metrics): Row[] {
  const figure = (key: string | undefined) => (key === undefined ? undefined : metrics[key]);
  const value = metrics[name];
  if (value === undefined) return [];
  const limit = figure(of);
  const least = figure(from?.name);
  const longestMs = figure(longest);
  const details = [
    ...(least === undefined ? [] : [`from ${formatNumber(least)} ${from?.unit} on`]),
    ...(longestMs === undefined || value === 0 ? [] : [`longest ${formatMs(longestMs)}`]),
  ];
  const most = limit === undefined ? '' : ` of ${formatNumber(limit)}`;
  const tail = details.length === 0 ? '' : ` (${details.join(', ')})`;
  return [[label, `${formatNumber(value)}${most}${tail}`]];
}
