/** The figures of a run or of many, as rows of text and as sums. Knows which metrics belong together. */

import { formatMs, formatName, formatNumber } from './format.ts';

type Metrics = Readonly<Record<string, number>>;
type Row = readonly [label: string, value: string];

/** Metrics that are read before all others, in this order. `longest` is shown in the same row. */
const known: readonly {
  readonly name: string;
  readonly label: string;
  readonly longest?: string;
  /** Shown in the same row: how many there can be. */
  readonly of?: string;
  /** Shown in the same row: how many there were at the least when one began. */
  readonly from?: string;
}[] = [
  { name: 'managersPeak', label: 'managers at the peak' },
  { name: 'managersOfOneUserPeak', label: 'of one user at the peak', of: 'managersPerUserMax' },
  { name: 'usersPeak', label: 'users at the peak' },
  { name: 'refused', label: 'refused' },
  {
    name: 'proactiveCleanups',
    label: 'proactive cleanups',
    from: 'proactiveFromLeast',
    longest: 'proactiveLongestMs',
  },
  { name: 'emergencyCleanups', label: 'emergency cleanups', longest: 'emergencyLongestMs' },
];

/** The metrics that people ask for first, then whatever else the system under test counted. */
export function metricRows(metrics: Metrics): Row[] {
  const shown = new Set<string>();
  const rows: Row[] = [];
  const take = (name: string | undefined): number | undefined => {
    if (name !== undefined) shown.add(name);
    return name === undefined ? undefined : metrics[name];
  };
  for (const { name, label, longest, of, from } of known) {
    const value = take(name);
    const limit = take(of);
    const least = take(from);
    const longestMs = take(longest);
    if (value === undefined) continue;
    const details = [
      ...(least === undefined ? [] : [`from ${formatNumber(least)} managers on`]),
      ...(longestMs === undefined || value === 0 ? [] : [`longest ${formatMs(longestMs)}`]),
    ];
    const most = limit === undefined ? '' : ` of ${formatNumber(limit)}`;
    const tail = details.length === 0 ? '' : ` (${details.join(', ')})`;
    rows.push([label, `${formatNumber(value)}${most}${tail}`]);
  }
  for (const [name, value] of Object.entries(metrics)) {
    if (shown.has(name)) continue;
    const isTime = name.endsWith('Ms');
    const label = formatName(isTime ? name.slice(0, -2) : name);
    rows.push([label, isTime ? formatMs(value) : formatNumber(value)]);
  }
  return rows;
}

/** Adds the figures of one run to those of the runs before. A peak, maximum or minimum stays one: it is not added up. */
export function addMetrics(sum: Record<string, number>, metrics: Metrics): void {
  for (const [name, value] of Object.entries(metrics)) {
    const before = sum[name];
    if (before === undefined) sum[name] = value;
    else if (/(Peak|Longest|Max)(Ms)?$/.test(name)) sum[name] = Math.max(before, value);
    else if (/Least(Ms)?$/.test(name)) sum[name] = Math.min(before, value);
    else sum[name] = before + value;
  }
}
