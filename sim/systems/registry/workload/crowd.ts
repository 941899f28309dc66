/**
 * A scenario part that leads to an emergency cleanup: a user at its limit whose tabs fall silent at once, and that
 * returns with new ones.
 */
import type { Random } from '../../../engine/random.ts';
import { range } from './family.ts';
import type { Plan } from './plan.ts';

/** The user has a name of its own, so that it is at its limit whatever else the seed has drawn. */
const user = 'dan';

/** What happens to a crowd. */
interface Plot {
  /** Milliseconds that its tabs are connected before it happens. */
  readonly ageMs: readonly [least: number, most: number];
  /** Share of the tabs that stay responsive. */
  readonly wellShare: number;
  /** Share of those that get a stream, so that pings are queued behind it. */
  readonly busyShare: number;
  /** When a cleanup is requested, after the silence began. */
  readonly cleanupMs: number | undefined;
  /** When the new tabs connect, after the silence began. */
  readonly newcomersMs: readonly [first: number, last: number];
}

function drawPlot(random: Random): Plot {
  const old = [11_000, 14_000] as const;
  const cleanupMs = random.between(100, 1_500);
  // No tab answers any more, and the server has not noticed yet.
  const allGone = { ageMs: old, wellShare: 0, busyShare: 0, cleanupMs: undefined };
  // A cleanup has found the dead connections and waits for their close when the new tabs connect.
  const someClosing = { ageMs: old, wellShare: 0.6, busyShare: 0.2, cleanupMs };
  return random.pick<Plot>([
    { ...allGone, newcomersMs: [50, 500] },
    { ...allGone, newcomersMs: [500, 3_000] },
    { ...someClosing, newcomersMs: [cleanupMs + 2_100, cleanupMs + 3_900] },
    { ...someClosing, newcomersMs: [cleanupMs + 2_100, cleanupMs + 6_000] },
    // Most are responsive, but their answers take long.
    { ageMs: old, wellShare: 0.7, busyShare: 1, cleanupMs: undefined, newcomersMs: [50, 4_000] },
    // Any mixture.
    {
      ageMs: [1_000, 14_000],
      wellShare: 0.15,
      busyShare: 0.7,
      cleanupMs: random.between(0, 9_000),
      newcomersMs: [100, 12_000],
    },
  ]);
}

export function muteCrowd(plan: Plan, random: Random, durationMs: number, limit: number): void {
  const { ageMs, wellShare, busyShare, cleanupMs, newcomersMs } = drawPlot(random);
  const atMs = random.between(Math.floor(durationMs / 3), durationMs - 25_000);
  for (const index of range(limit)) {
    const tab = `${user}.${index + 1}`;
    plan.connect(atMs - random.between(...ageMs), tab);
    if (random.chance(wellShare)) {
      if (random.chance(busyShare)) plan.flood(atMs + random.between(0, 2_500), tab, 60, 3_000);
    } else if (random.chance(0.3)) {
      plan.tab('deafen', atMs, tab);
    } else {
      plan.fault({ kind: 'half-open', atMs, host: tab });
    }
  }
  if (cleanupMs !== undefined) plan.cleanup(atMs + cleanupMs, user);
  for (const index of range(random.between(4, 10))) {
    const comesMs = atMs + random.between(...newcomersMs);
    const tab = `${user}.${limit + index + 1}`;
    plan.connect(comesMs, tab);
    // Some disconnect while room is being made for them.
    if (random.chance(0.15)) plan.tab('drop', comesMs + random.between(300, 3_000), tab);
  }
}
