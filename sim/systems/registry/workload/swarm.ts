/**
 * The default workload: every knob and every fault class is switched on or off by the seed (swarm testing: Groce et
 * al.,
 * ISSTA 2012), since a fault that is always active hides what happens without it. Few users on purpose: bugs are found
 * where operations on one user collide.
 */
import type { Random } from '../../../engine/random.ts';
import type { NetworkProfile } from '../../../scenario/scenario.ts';
import { registryDefaults } from '../registry-defaults.ts';
import { corners } from './corners.ts';
import { muteCrowd } from './crowd.ts';
import { type Draw, range } from './family.ts';
import { Plan } from './plan.ts';
import { faultClasses, type Knobs, strikeServer, strikeTab } from './strikes.ts';

export const swarm: Draw = (seed, random, bug) => {
  const durationMs = random.between(50_000, 80_000);
  const corner = random.chance(0.95) ? random.pick(corners) : undefined;
  const drawn = faultClasses.filter((name) => random.chance(name === 'mute-crowd' ? 0.7 : 0.4));
  const on = new Set(drawn.filter((name) => corner?.without?.includes(name) !== true));
  const knobs: Knobs = { random, durationMs, on };
  const limit = random.chance(0.75) ? 20 : random.between(3, 8);
  const evicts = random.chance(0.35) && corner?.rejects !== true;
  const onLimit = evicts ? { onLimit: 'replace-least-recent' } : {};
  const graces = random.chance(0.3) ? { reconnectGraceMs: random.between(500, 10_000) } : {};
  const plan = new Plan({
    name: 'swarm',
    seed,
    durationMs,
    network: drawNetwork(knobs),
    registry: {
      maxManagersPerUser: limit,
      ...onLimit,
      ...graces,
    },
    authenticationMs:
      corner?.authenticationMs ??
      random.pick([
        { min: 0, max: 0 },
        { min: 0, max: 50 },
        { min: 20, max: 400 },
      ]),
  });
  const users = ['ada', 'bob', 'cyd'].slice(0, random.between(1, 3));
  const tabs = users.flatMap((user, index) => {
    // The first user is the crowd: it reaches the limit.
    const count = index === 0 ? random.between(16, 26) : random.between(2, 6);
    return range(count).map((tab) => `${user}.${tab + 1}`);
  });
  for (const tab of tabs) liveTab(plan, knobs, tab);
  workBesideTabs(plan, knobs, users);
  strikeServer(plan, knobs);
  if (on.has('mute-crowd')) muteCrowd(plan, random, durationMs, limit);
  tuneRegistry(plan, random);
  shareConnectionIds(plan, random);
  for (const tab of tabs) serveTab(plan, knobs, tab);
  releaseTwice(plan, random);
  for (let count = random.between(0, 4); count > 0; count--)
    plan.trespass(random.between(5_000, durationMs), random.pick(tabs), random.pick(tabs));
  // Little time for an emergency cleanup, so that its deadline ends it.
  if (random.chance(0.2)) plan.option('emergencyDeadlineMs', random.between(2_000, 4_500));
  const { reconnectGraceMs = registryDefaults.reconnectGraceMs } = graces;
  corner?.play({ plan, random, durationMs, limit, reconnectGraceMs });
  return plan.scenario(bug);
};

function drawNetwork({ random, on }: Knobs): Partial<NetworkProfile> {
  // Small windows and high latency build backlogs: messages of the server wait for seconds.
  const isNarrow = random.chance(on.has('mute-crowd') ? 0.6 : 0.3);
  const bufferBytes = () => (isNarrow ? 2_048 : random.pick([2_048, 65_536]));
  return {
    latencyMs: { min: 1, max: isNarrow ? 80 : random.pick([5, 20, 80]) },
    segmentBytes: random.pick([
      { min: 1_460, max: 1_460 },
      { min: 1, max: 1_460 },
      { min: 20, max: 90 },
    ]),
    sendBufferBytes: bufferBytes(),
    receiveBufferBytes: bufferBytes(),
  };
}

/** Acquires and cleanups of the server's own work, often two at one instant. */
function workBesideTabs(plan: Plan, { random, durationMs }: Knobs, users: readonly string[]): void {
  for (let count = random.between(0, 8); count > 0; count--) {
    const atMs = random.between(0, durationMs);
    const user = random.pick(users);
    const clientId = `work-${random.between(1, 4)}`;
    plan.acquire(atMs, user, clientId);
    if (random.chance(0.5)) plan.acquire(atMs + random.between(0, 60), user, clientId);
  }
  for (let count = random.between(0, 3); count > 0; count--) {
    plan.cleanup(random.between(0, durationMs), random.pick(users));
  }
}

/** The actions of one tab in a run: it connects, sends, ends its connection in one of several ways, and reconnects. */
function liveTab(plan: Plan, { random, durationMs, on }: Knobs, tab: string): void {
  const clientId = random.chance(0.15) ? `shared-${random.between(1, 2)}` : `client-of-${tab}`;
  // Two threads: the id of the second equals the escaped id of the first.
  const threadId = random.chance(0.08) ? random.pick(['room:1', 'room%3A1']) : null;
  const details = {
    clientId,
    threadId,
    retry: random.chance(0.3),
    heeds: random.chance(0.5),
  };
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
    strikeTab(plan, { random, durationMs, on }, tab, atMs, upMs);
    const end = random.pick(['close', 'close', 'drop', 'stay'] as const);
    if (end === 'stay') return;
    plan.tab(end, atMs + upMs, tab);
    atMs += upMs + random.pick([1, random.between(20, 500), random.between(500, 12_000)]);
  }
}

/** Small bounds and short heartbeats, so that a run of one minute reaches them. */
function tuneRegistry(plan: Plan, random: Random): void {
  if (random.chance(0.5)) {
    plan.option('heartbeatIntervalMs', random.between(4_000, 15_000));
    plan.option('heartbeatTimeoutMs', random.between(3_000, 8_000));
  }
  if (random.chance(0.5)) plan.option('outboxMaxMessages', random.between(1, 4));
  if (random.chance(0.3)) plan.option('outboxMaxAgeMs', random.between(500, 5_000));
  if (random.chance(0.5)) plan.option('maxBufferedBytes', random.between(20_000, 60_000));
  if (random.chance(0.3)) plan.option('slowReaderPolicy', 'drop');
  if (random.chance(0.3)) plan.option('sweepIntervalMs', random.between(1_000, 20_000));
  if (random.chance(0.3)) plan.option('drainBatchSize', random.between(1, 4));
}

/** A connection may be released more than once. */
function releaseTwice(plan: Plan, random: Random): void {
  for (const action of [...plan.actions]) {
    if (action.kind !== 'release' || !random.chance(0.5)) continue;
    plan.tab('release', action.atMs + random.between(0, 60), action.tab);
  }
}

/** Tabs of one thread that claim the same connection: the later one takes it over. */
function shareConnectionIds(plan: Plan, random: Random): void {
  plan.actions.forEach((action, index) => {
    if (action.kind !== 'connect' || action.clientId?.startsWith('shared') !== true) return;
    if (random.chance(0.4)) plan.actions[index] = { ...action, connectionId: 'main' };
  });
}

/** What the server does with a tab's thread, whether or not the tab is connected. */
function serveTab(plan: Plan, { random, durationMs }: Knobs, tab: string): void {
  const anyTime = () => random.between(1_000, durationMs);
  for (let count = random.between(0, 4); count > 0; count--) {
    const atMs = anyTime();
    // Often several close together: some before the tab reconnects, some after.
    for (let more = random.between(1, 3); more > 0; more--) plan.tab('post', atMs + 40 * more, tab);
  }
  if (random.chance(0.2))
    plan.flood(anyTime(), tab, random.between(10, 60), random.pick([200, 3_000]));
  if (random.chance(0.1)) plan.tab('release', anyTime(), tab);
  // Only the kernel finds out that a peer which cannot be pinged has vanished, after a quarter of an hour.
  const vanishes = plan.faults.some(
    (fault) =>
      (fault.kind === 'address-change' && fault.host === tab) ||
      (fault.kind === 'proxy' && fault.silentDrop === true),
  );
  if (random.chance(0.1) && !vanishes) plan.tab('break-ping', anyTime(), tab);
}
