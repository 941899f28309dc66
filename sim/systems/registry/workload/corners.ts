/**
 * Rare cases that random actions seldom produce: tabs, cleanups and new acquires of one user coincide so that a rare
 * branch of a cleanup, of the choice of an acquire or of the queue is taken. A run has at most one of these corner
 * cases.
 */
import type { CleanupKind } from '../../../../src/index.ts';
import type { Random } from '../../../engine/random.ts';
import type { Range } from '../../../scenario/scenario.ts';
import { range } from './family.ts';
import type { Plan } from './plan.ts';
import type { FaultClass } from './strikes.ts';

/** The user has a name of its own, so that it has exactly as many managers as the corner needs. */
const user = 'eli';

/** What a corner case is built from. */
interface Stage {
  readonly plan: Plan;
  readonly random: Random;
  readonly durationMs: number;
  readonly limit: number;
  readonly reconnectGraceMs: number;
}

export interface Corner {
  readonly play: (stage: Stage) => void;
  /** How long authentication must take for it. */
  readonly authenticationMs?: Range;
  /** Whether an acquire without room must be refused, instead of evicting a manager. */
  readonly rejects?: true;
  /** Fault classes that would prevent this corner case. */
  readonly without?: readonly FaultClass[];
}

const tab = (index: number): string => `${user}.${index + 1}`;

/** Old enough for a cleanup to look at them. */
const grownUpMs = 11_000;

/** The tabs are connected by then, each for at least `ageMs`. */
function settled({ plan, random }: Stage, count: number, byMs: number, ageMs = grownUpMs): void {
  for (const index of range(count))
    plan.connect(byMs - ageMs - random.between(0, 1_500), tab(index));
}

function fallSilent({ plan, random }: Stage, count: number, atMs: number): void {
  for (const index of range(count)) {
    if (random.chance(0.3)) plan.tab('deafen', atMs, tab(index));
    else plan.fault({ kind: 'half-open', atMs, host: tab(index) });
  }
}

/**
 * One slot is free, and many clients acquire it at one instant, some of them twice. More acquire before a peer may be
 * probed again.
 */
function burst(stage: Stage): void {
  const { plan, random, durationMs, limit } = stage;
  const atMs = random.between(15_000, durationMs - 12_000);
  settled(stage, limit - 1, atMs, 3_000);
  const clients = random.between(2, 4);
  for (const index of range(2 * clients)) {
    const clientId = `newcomer-${index % clients}`;
    plan.connect(atMs + random.between(0, 40), tab(limit + index), { clientId });
  }
  for (const index of range(4))
    plan.connect(atMs + random.between(2_500, 6_500), tab(limit + 20 + index));
  for (const count of range(random.between(1, 3)))
    plan.acquire(atMs + 10 * count, user, `newcomer-${random.between(0, clients - 1)}`);
}

/** A client reconnects to its own thread while its dead connection is being closed. */
function ownKey(stage: Stage): void {
  const { plan, random, durationMs } = stage;
  const atMs = random.between(15_000, durationMs - 10_000);
  const count = random.between(1, 4);
  settled(stage, count, atMs);
  fallSilent(stage, count, atMs);
  const askedMs = atMs + random.between(10, 500);
  plan.cleanup(askedMs, user);
  // The probes take two seconds, and so does the closing handshake.
  for (const index of range(count)) {
    const clientId = `client-of-${tab(index)}`;
    plan.connect(askedMs + random.between(2_050, 3_800), tab(count + index), { clientId });
  }
}

/** The server gets SIGTERM while a cleanup waits for peers that are gone. */
function toldToGo(stage: Stage, during: CleanupKind): void {
  const { plan, random, durationMs, limit } = stage;
  const atMs = random.between(15_000, durationMs - 15_000);
  const count = during === 'emergency' ? limit : Math.max(2, limit - 1);
  settled(stage, count, atMs);
  fallSilent(stage, count, atMs);
  const startsMs = atMs + random.between(10, 500);
  if (during === 'requested') plan.cleanup(startsMs, user);
  else plan.connect(startsMs, tab(count));
  // The new client has been admitted by then, and the probes take two seconds.
  const saysMs = startsMs + random.between(800, 1_900);
  // Less time than the cleanup has, or, in an emergency, more as well.
  const isLong = during === 'emergency' && random.chance(0.6);
  plan.terminate(saysMs, isLong ? 20_000 : random.between(0, 6_000), 1_000);
}

/** The server gets SIGTERM with so long a drain that the inspection wheel reaches the clients that do not leave. */
function longDrain(stage: Stage): void {
  const { plan, random, durationMs } = stage;
  const atMs = random.between(15_000, durationMs - 15_000);
  const count = random.between(2, 5);
  settled(stage, count, atMs);
  fallSilent(stage, count, atMs);
  plan.terminate(atMs + random.between(10, 1_000), random.between(23_000, 30_000), 1_000);
}

/**
 * The event loop pauses while grace periods end. The first event after it is a new client.
 */
function overslept(stage: Stage, percent: number): void {
  const { plan, random, durationMs, limit, reconnectGraceMs } = stage;
  const graceMs = Math.max(reconnectGraceMs, 1_000);
  const leftMs = random.between(14_000, Math.max(14_000, durationMs - graceMs - 15_000));
  const count = Math.max(Math.ceil(0.6 * limit), limit - 3);
  settled(stage, count, leftMs);
  const leavers = Math.ceil((percent * count) / 100);
  for (const index of range(leavers)) plan.tab('close', leftMs + 10 * index, tab(index));
  const stallsMs = leftMs + graceMs - random.between(500, 1_500);
  plan.fault({ kind: 'pause', atMs: stallsMs, host: 'server', durationMs: 4_000 });
  // They are being authenticated when the event loop pauses, and the timer of one of them fires first.
  for (const index of range(3))
    plan.connect(stallsMs - 100 * index - random.between(20, 120), tab(count + index));
}

/**
 * Half of the peers are gone, and a cleanup has found them and waits for their close. Then a client connects and finds
 * no slot.
 */
function besideClosing(stage: Stage): void {
  const { plan, random, durationMs, limit } = stage;
  const atMs = random.between(15_000, durationMs - 10_000);
  settled(stage, limit, atMs);
  fallSilent(stage, limit >> 1, atMs);
  const askedMs = atMs + random.between(10, 500);
  plan.cleanup(askedMs, user);
  for (const index of range(2))
    plan.connect(askedMs + random.between(2_050, 3_500), tab(limit + index));
}

/** More empty managers than the acquires need: their tabs have left. */
function roomToSpare(stage: Stage): void {
  const { plan, random, durationMs, limit } = stage;
  const atMs = random.between(18_000, durationMs - 10_000);
  settled(stage, limit, atMs, 13_000);
  const leavers = Math.max(2, limit >> 1);
  for (const index of range(leavers)) plan.tab('close', atMs - 12_000 + 10 * index, tab(index));
  for (const index of range(random.between(1, leavers - 1)))
    plan.connect(atMs + random.between(0, 100), tab(limit + index));
}

/** The clock of the server is set while messages wait for tabs that reconnect in time. */
function clockSet(stage: Stage): void {
  const { plan, random, durationMs } = stage;
  const leftMs = random.between(15_000, durationMs - 10_000);
  settled(stage, 3, leftMs);
  for (const index of range(3)) {
    plan.tab('close', leftMs + 10 * index, tab(index));
    plan.tab('post', leftMs + random.between(200, 260), tab(index));
    plan.connect(leftMs + random.between(400, 480), tab(index));
  }
  const byMs = random.pick([-3_600_000, 20_000, 3_600_000, 86_400_000]);
  plan.fault({ kind: 'clock-jump', atMs: leftMs + 330, host: 'server', byMs });
}

const withoutItsEnd = ['kill-server', 'power-loss-server', 'terminate-server'] as const;

const undisturbed: Omit<Corner, 'play'> = {
  authenticationMs: { min: 300, max: 400 },
  without: [...withoutItsEnd, 'pause-server'],
};

export const corners: readonly Corner[] = [
  { play: burst, rejects: true },
  { play: ownKey, without: withoutItsEnd },
  { play: (stage) => toldToGo(stage, 'proactive'), without: withoutItsEnd },
  { play: (stage) => toldToGo(stage, 'requested'), without: withoutItsEnd },
  { play: (stage) => toldToGo(stage, 'emergency'), without: withoutItsEnd },
  { play: longDrain, without: withoutItsEnd },
  { play: (stage) => overslept(stage, stage.random.pick([50, 100])), ...undisturbed },
  { play: (stage) => overslept(stage, 100), ...undisturbed },
  { play: besideClosing, without: withoutItsEnd, rejects: true },
  { play: roomToSpare },
  { play: clockSet, without: withoutItsEnd },
];
