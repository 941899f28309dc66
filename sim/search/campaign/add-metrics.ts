/**
 * Adds the figures of one run to those of earlier runs. Peaks, maxima and minima are not added: the extreme value is
 * kept.
 */
export function addMetrics(
  sum: Record<string, number>,
  metrics: Readonly<Record<string, number>>,
): void {
  for (const [name, value] of Object.entries(metrics)) {
    const before = sum[name];
    if (before === undefined) sum[name] = value;
    else if (/(Peak|Longest|Max)(Ms)?$/.test(name)) sum[name] = Math.max(before, value);
    else if (/Least(Ms)?$/.test(name)) sum[name] = Math.min(before, value);
    else sum[name] = before + value;
  }
}
