/**
 * The default workload: every knob and every fault class is switched on or off by the seed (swarm testing: Groce et al.,
 * ISSTA 2012), since a fault that is always there hides what happens without it. Few users on purpose: collisions on one
 * user are where the bugs are.
 */
import type { Random } from '../../engine/random.ts';
import type { Draw } from './family.ts';
import { Plan } from './plan.ts';

const classes = [
  'kill-server',
  'power-loss-server',
  'terminate-server',
  'reset-server',
  'slow-server',
  'kill-tab',
  'power-loss-tab',
  'half-open-tab',
  'reset-tab',
  'deafen-tab',
  'reset-during-upgrade',
  'refuse',
  'mute-crowd',
] as const;

type FaultClass = (typeof classes)[number];

interface Knobs {
  readonly random: Random;
  readonly durationMs: number;
  readonly on: ReadonlySet<FaultClass>;
}

export const swarm: Draw = (seed, random, bug) => {
  const durationMs = random.between(50_000, 80_000);
  const on = new Set(classes.filter(() => random.chance(0.45)));
  const knobs: Knobs = { random, durationMs, on };
  const latencyMax = random.pick([5, 20, 80]);
  const plan = new Plan({
    name: 'swarm',
    seed,
    durationMs,
    network: {
      latencyMs: { min: 1, max: latencyMax },
      segmentBytes: random.pick([
        { min: 1_460, max: 1_460 },
        { min: 1, max: 1_460 },
        { min: 20, max: 90 },
      ]),
      sendBufferBytes: random.pick([2_048, 65_536]),
      receiveBufferBytes: random.pick([2_048, 65_536]),
    },
    registry: {
      maxManagersPerUser: random.chance(0.75) ? 20 : random.between(3, 8),
      ...(random.chance(0.25) ? { onLimit: 'replace-least-recent' } : {}),
      ...(random.chance(0.3) ? { reconnectGraceMs: random.between(500, 10_000) } : {}),
    },
    authenticationMs: random.pick([
      { min: 0, max: 0 },
      { min: 0, max: 50 },
      { min: 20, max: 400 },
    ]),
  });
  const users = ['ada', 'bob', 'cyd'].slice(0, random.between(1, 3));
  const tabs = users.flatMap((user, index) => {
    // The first user is the crowd: the one who gets to the limit.
    const count = index === 0 ? random.between(16, 26) : random.between(2, 6);
    return Array.from({ length: count }, (_, tab) => `${user}.${tab + 1}`);
  });
  for (const tab of tabs) liveTab(plan, knobs, tab);
  for (let count = random.between(0, 8); count > 0; count--) {
    plan.acquire(random.between(0, durationMs), random.pick(users), `work-${random.between(1, 4)}`);
  }
  for (let count = random.between(0, 3); count > 0; count--) {
    plan.cleanup(random.between(0, durationMs), random.pick(users));
  }
  faultServer(plan, knobs);
  if (on.has('mute-crowd')) muteCrowd(plan, knobs, tabs);
  tuneRegistry(plan, knobs);
  shareConnectionIds(plan, knobs);
  for (const tab of tabs) serveTab(plan, knobs, tab);
  return plan.scenario(bug);
};

/** What one tab does in a run: comes, speaks, goes by one way or another, comes again. */
function liveTab(plan: Plan, { random, durationMs, on }: Knobs, tab: string): void {
  const clientId = random.chance(0.15) ? `shared-${random.between(1, 2)}` : `client-of-${tab}`;
  const threadId = random.chance(0.08) ? `room:${random.between(1, 2)}` : null;
  const details = { clientId, threadId, retry: random.chance(0.3) };
  let atMs = random.between(0, Math.floor(durationMs / 3));
  for (let cycle = random.between(1, 3); cycle > 0 && atMs < durationMs; cycle--) {
    plan.connect(atMs, tab, details);
    if (on.has('reset-during-upgrade') && random.chance(0.25)) {
      plan.tab('drop', atMs + random.between(1, 300), tab);
      atMs += random.between(400, 5_000);
      continue;
    }
    for (let count = random.between(0, 3); count > 0; count--) {
      plan.say(atMs + random.between(500, 15_000), tab, random.pick([0, 10, 125, 126, 3_000]));
    }
    const upMs = random.between(300, 25_000);
    if (on.has('deafen-tab') && random.chance(0.15))
      plan.tab('deafen', atMs + random.between(100, upMs), tab);
    faultTab(plan, { random, durationMs, on }, tab, atMs, upMs);
    const end = random.pick(['close', 'close', 'drop', 'stay'] as const);
    if (end === 'stay') return;
    plan.tab(end, atMs + upMs, tab);
    atMs += upMs + random.pick([1, random.between(20, 500), random.between(500, 12_000)]);
  }
}

function faultTab(
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
}

function faultServer(plan: Plan, { random, durationMs, on }: Knobs): void {
  const host = 'server';
  const anyTime = () => random.between(5_000, durationMs - 5_000);
  const restartAfterMs = random.between(500, 5_000);
  if (on.has('kill-server')) plan.fault({ kind: 'kill', atMs: anyTime(), host, restartAfterMs });
  if (on.has('power-loss-server') && random.chance(0.5)) {
    plan.fault({ kind: 'power-loss', atMs: anyTime(), host, restartAfterMs });
  }
  if (on.has('terminate-server'))
    plan.terminate(anyTime(), random.between(0, 12_000), restartAfterMs);
  if (on.has('reset-server')) plan.fault({ kind: 'reset', atMs: anyTime(), host });
  if (on.has('refuse')) {
    plan.fault({ kind: 'refuse', atMs: anyTime(), host, durationMs: random.between(200, 4_000) });
  }
  if (on.has('slow-server')) {
    const addedMs = random.between(50, 1_500);
    plan.fault({
      kind: 'slow-link',
      atMs: anyTime(),
      host,
      addedMs,
      durationMs: random.between(1_000, 10_000),
    });
  }
}

/** Most tabs of the first user fall silent at once, and he comes back with new ones: the way into the emergency. */
function muteCrowd(plan: Plan, { random, durationMs }: Knobs, tabs: readonly string[]): void {
  const crowd = tabs.filter((tab) => tab.startsWith('ada.'));
  const atMs = random.between(Math.floor(durationMs / 3), durationMs - 20_000);
  for (const tab of crowd) {
    plan.connect(atMs - random.between(1_000, 12_000), tab);
    if (random.chance(0.15)) {
      // One that is well, and busy: its answer to a ping stands behind a stream.
      if (random.chance(0.6)) plan.flood(atMs + random.between(0, 3_000), tab, 60, 3_000);
      continue;
    }
    if (random.chance(0.3)) plan.tab('deafen', atMs, tab);
    else plan.fault({ kind: 'half-open', atMs, host: tab });
  }
  for (let extra = random.between(2, 10); extra > 0; extra--) {
    plan.connect(atMs + random.between(100, 12_000), `ada.${crowd.length + extra}`);
  }
}

/** Small bounds and quick heartbeats, so that a minute is enough to meet them. */
function tuneRegistry(plan: Plan, { random }: Knobs): void {
  if (random.chance(0.5)) {
    plan.option('heartbeatIntervalMs', random.between(4_000, 15_000));
    plan.option('heartbeatTimeoutMs', random.between(3_000, 8_000));
  }
  if (random.chance(0.5)) plan.option('outboxMaxMessages', random.between(1, 4));
  if (random.chance(0.5)) plan.option('maxBufferedBytes', random.between(20_000, 60_000));
  if (random.chance(0.3)) plan.option('slowReaderPolicy', 'drop');
  if (random.chance(0.3)) plan.option('sweepIntervalMs', random.between(1_000, 20_000));
  if (random.chance(0.3)) plan.option('drainBatchSize', random.between(1, 4));
}

/** Tabs of one thread that claim the same connection: the later one takes it over. */
function shareConnectionIds(plan: Plan, { random }: Knobs): void {
  plan.actions.forEach((action, index) => {
    if (action.kind !== 'connect' || action.clientId?.startsWith('shared') !== true) return;
    if (random.chance(0.4)) plan.actions[index] = { ...action, connectionId: 'main' };
  });
}

/** What the server does with a tab's thread, whether or not the tab is there. */
function serveTab(plan: Plan, { random, durationMs }: Knobs, tab: string): void {
  const anyTime = () => random.between(1_000, durationMs);
  for (let count = random.between(0, 4); count > 0; count--) {
    const atMs = anyTime();
    // Often several close together: some before the tab comes back, some after.
    for (let more = random.between(1, 3); more > 0; more--) plan.tab('post', atMs + 40 * more, tab);
  }
  if (random.chance(0.15))
    plan.flood(anyTime(), tab, random.between(10, 60), random.pick([200, 3_000]));
  if (random.chance(0.1)) plan.tab('release', anyTime(), tab);
  if (random.chance(0.1)) plan.tab('break-ping', anyTime(), tab);
}
