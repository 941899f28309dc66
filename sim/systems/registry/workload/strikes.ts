/**
 * The faults of the swarm. A fault class is a fault of the engine, or something that a client does, together with the host
 * that it strikes: `slow-server` is the fault `slow-link` on a server, `move-tab` is `address-change` on a client.
 */
import type { Random } from '../../../engine/random.ts';
import type { Plan } from './plan.ts';

export const faultClasses = [
  'kill-server',
  'power-loss-server',
  'terminate-server',
  'reset-server',
  'slow-server',
  'pause-server',
  'kill-tab',
  'power-loss-tab',
  'half-open-tab',
  'reset-tab',
  'deafen-tab',
  'pause-tab',
  'move-tab',
  'reset-during-upgrade',
  'refuse',
  'blackhole',
  'partition',
  'clock-jump',
  'proxy',
  'mute-crowd',
] as const;

export type FaultClass = (typeof faultClasses)[number];

/** What the seed decides for a whole run. */
export interface Knobs {
  readonly random: Random;
  readonly durationMs: number;
  readonly on: ReadonlySet<FaultClass>;
}

/** The faults of one tab while it runs. */
export function strikeTab(
  plan: Plan,
  { random, on }: Knobs,
  host: string,
  fromMs: number,
  upMs: number,
): void {
  const atMs = fromMs + random.between(50, upMs);
  const restartAfterMs = random.between(100, 20_000);
  if (on.has('kill-tab') && random.chance(0.12))
    plan.fault({ kind: 'kill', atMs, host, restartAfterMs });
  if (on.has('power-loss-tab') && random.chance(0.12)) {
    plan.fault({ kind: 'power-loss', atMs, host, restartAfterMs });
  }
  if (on.has('half-open-tab') && random.chance(0.15)) plan.fault({ kind: 'half-open', atMs, host });
  if (on.has('reset-tab') && random.chance(0.15)) plan.fault({ kind: 'reset', atMs, host });
  if (on.has('move-tab') && random.chance(0.15)) plan.away(atMs, host, random.between(100, 20_000));
  if (on.has('pause-tab') && random.chance(0.15)) {
    plan.fault({ kind: 'pause', atMs, host, durationMs: random.between(100, 15_000) });
  }
  if (on.has('partition') && random.chance(0.1)) {
    const direction = random.pick(['both', 'in', 'out'] as const);
    plan.fault({
      kind: 'partition',
      atMs,
      host,
      direction,
      durationMs: random.between(100, 8_000),
    });
  }
  if (on.has('clock-jump') && random.chance(0.1)) {
    plan.fault({ kind: 'clock-jump', atMs, host, byMs: random.between(-3_600_000, 3_600_000) });
  }
}

/** The faults of the server, each at most once per run. */
export function strikeServer(plan: Plan, { random, durationMs, on }: Knobs): void {
  const host = 'server';
  const anyTime = () => random.between(5_000, durationMs - 5_000);
  const restartAfterMs = random.between(500, 5_000);
  const spell = (least: number, most: number) => ({
    atMs: anyTime(),
    host,
    durationMs: random.between(least, most),
  });
  if (on.has('kill-server')) plan.fault({ kind: 'kill', atMs: anyTime(), host, restartAfterMs });
  if (on.has('power-loss-server') && random.chance(0.5)) {
    plan.fault({ kind: 'power-loss', atMs: anyTime(), host, restartAfterMs });
  }
  if (on.has('terminate-server'))
    plan.terminate(anyTime(), random.between(0, 12_000), restartAfterMs);
  if (on.has('reset-server')) plan.fault({ kind: 'reset', atMs: anyTime(), host });
  if (on.has('refuse')) plan.fault({ kind: 'refuse', ...spell(200, 4_000) });
  if (on.has('blackhole')) plan.fault({ kind: 'blackhole', ...spell(200, 6_000) });
  if (on.has('pause-server')) plan.fault({ kind: 'pause', ...spell(500, 12_000) });
  if (on.has('partition') && random.chance(0.4)) {
    const direction = random.pick(['both', 'in', 'out'] as const);
    plan.fault({ kind: 'partition', direction, ...spell(200, 6_000) });
  }
  if (on.has('slow-server')) {
    const addedMs = random.between(50, 1_500);
    plan.fault({ kind: 'slow-link', addedMs, ...spell(1_000, 10_000) });
  }
  if (on.has('clock-jump')) jumpClock(plan, random, anyTime);
  if (on.has('proxy')) {
    plan.fault({
      kind: 'proxy',
      ...spell(10_000, 40_000),
      ...(random.chance(0.5) ? { idleTimeoutMs: random.between(2_000, 20_000) } : {}),
      ...(random.chance(0.5) ? { maxAgeMs: random.between(2_000, 30_000) } : {}),
      ...(random.chance(0.5) ? { silentDrop: true } : {}),
    });
  }
}

/** An hour back, a day forward, or some seconds. A step of seconds is in the range of short deadlines. */
function jumpClock(plan: Plan, random: Random, anyTime: () => number): void {
  for (let count = random.between(1, 3); count > 0; count--) {
    const byMs = random.pick([-3_600_000, 86_400_000, random.between(-20_000, 20_000)]);
    plan.fault({ kind: 'clock-jump', atMs: anyTime(), host: 'server', byMs });
  }
}
