/** Numbers, durations and tables as text. The same on every machine: no locale, no terminal width, no clock. */

/** A whole number with its thousands apart: `12,345`. */
export function formatCount(count: number): string {
  return group(String(count));
}

/** A figure that may have a fraction, with one decimal where it has. */
export function formatNumber(value: number): string {
  return group(Number.isInteger(value) ? String(value) : value.toFixed(1));
}

/** Milliseconds in the unit that a person would choose: `850 ms`, `9.25 s`, `3 min 5 s`, `24 h`. */
export function formatMs(ms: number): string {
  if (ms < 1_000) return `${trimmed(ms, 1)} ms`;
  if (ms < 60_000) return `${trimmed(ms / 1_000, 3)} s`;
  // Whole seconds from here on, so that 119.9 s never reads "1 min 60 s".
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return join(Math.floor(seconds / 60), 'min', seconds % 60, 's');
  const minutes = Math.round(seconds / 60);
  return join(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

/** `{ kill: 1, reset: 4 }` as `kill 1, reset 4`, in the order of the names. */
export function formatCounters(counters: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counters)
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return 'none';
  return entries.map(([name, count]) => `${name} ${formatCount(count)}`).join(', ');
}

/** The name of a metric as words: `queueDepthPeak` is `queue depth peak`. */
export function formatName(name: string): string {
  return name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

export type Align = 'left' | 'right';

/**
 * Rows as lines of columns that are as wide as their widest cell, two spaces apart and `indent` in. A line never ends in
 * spaces. Cells are expected to hold no line break.
 */
export function formatTable(
  rows: readonly (readonly string[])[],
  options: { readonly align?: readonly Align[]; readonly indent?: string } = {},
): string[] {
  const { align = [], indent = '  ' } = options;
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return align[column] === 'right' ? cell.padStart(width) : cell.padEnd(width);
    });
    return `${indent}${cells.join('  ')}`.trimEnd();
  });
}

function trimmed(value: number, digits: number): string {
  return group(String(Number(value.toFixed(digits))));
}

function group(digits: string): string {
  const [whole = '', ...fraction] = digits.split('.');
  return [whole.replace(/\B(?=(\d{3})+(?!\d))/g, ','), ...fraction].join('.');
}

function join(large: number, largeUnit: string, small: number, smallUnit: string): string {
  const head = `${formatCount(large)} ${largeUnit}`;
  return small === 0 ? head : `${head} ${small} ${smallUnit}`;
}
