/**
 * 24 hours of an office: users open tabs, send messages, close their laptops for lunch, change networks, and leave;
 * some leave tabs open over night. The day has two deployments and one crash of the server.
 */
import type { Random } from '../../../engine/random.ts';
import type { RegistryScenario } from '../scenario.ts';
import { type Draw, planOf, range } from './family.ts';
import type { Plan } from './plan.ts';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** The working day of one user, in virtual milliseconds. */
interface Shift {
  readonly fromMs: number;
  readonly toMs: number;
}

export const day: Draw = (seed, random, bug) => dayOf(seed, random, bug, random.between(50, 200));

/** A day of an office with this number of users. */
export function dayOf(
  seed: number,
  random: Random,
  bug: string | undefined,
  users: number,
): RegistryScenario {
  const plan = planOf('day', seed, 24 * hourMs, {
    network: { latencyMs: { min: 2, max: 40 } },
    authenticationMs: { min: 1, max: 30 },
  });
  plan.expect(6 * hourMs, 'managers', null, 0);
  let overnight = 0;
  for (const index of range(users)) {
    overnight += workingDay(plan, random, `user-${index + 1}`);
  }
  runTheServer(plan, random);
  // A tab that left did so longer ago than any grace period, and a tab that stayed is connected.
  for (const hour of [23, 24]) {
    plan.expect(hour * hourMs - minuteMs, 'managers', null, overnight);
    plan.expect(hour * hourMs - minuteMs, 'open-tabs', null, overnight);
  }
  return plan.scenario(bug);
}

/** Returns how many tabs stay over night. */
function workingDay(plan: Plan, random: Random, user: string): number {
  const shift = {
    fromMs: random.between(7 * hourMs, 10 * hourMs),
    toMs: random.between(15 * hourMs, 19 * hourMs),
  };
  const breaks = timesAway(random, shift);
  const staysOn = random.chance(0.1);
  const tabs = range(tabCount(random)).map((index) => `${user}.${index + 1}`);
  for (const tab of tabs) {
    const openedMs = shift.fromMs + random.between(0, 20 * minuteMs);
    const closedMs = shift.toMs - random.between(0, 10 * minuteMs);
    openTab(plan, random, tab, { fromMs: openedMs, toMs: closedMs });
    for (const { fromMs, toMs } of breaks) plan.away(fromMs, tab, toMs - fromMs);
    if (!staysOn) leave(plan, random, tab, closedMs);
  }
  return staysOn ? tabs.length : 0;
}

/** Most users have a few tabs. */
function tabCount(random: Random): number {
  return random.pick([1, 1, 2, 2, 2, 3, 3, 4, 5, 8]);
}

/** When the laptop is closed, or changes its network. Never both at once. */
function timesAway(random: Random, { fromMs, toMs }: Shift): Shift[] {
  const breaks: Shift[] = [];
  if (random.chance(0.6)) {
    const lunchMs = random.between(11.5 * hourMs, 13 * hourMs);
    breaks.push({ fromMs: lunchMs, toMs: lunchMs + random.between(20, 70) * minuteMs });
  }
  for (let count = random.between(0, 3); count > 0; count--) {
    const atMs = random.between(fromMs + 30 * minuteMs, toMs - 30 * minuteMs);
    const walk = { fromMs: atMs, toMs: atMs + random.between(3, 20) * secondMs };
    if (breaks.every((other) => other.toMs < walk.fromMs || other.fromMs > walk.toMs))
      breaks.push(walk);
  }
  return breaks;
}

/** A tab sends messages, is reloaded, and seldom crashes. Messages to its thread wait while it is disconnected. */
function openTab(plan: Plan, random: Random, tab: string, { fromMs, toMs }: Shift): void {
  plan.connect(fromMs, tab, { retry: true });
  const anyTime = () => random.between(fromMs + minuteMs, toMs - minuteMs);
  for (let count = random.between(4, 20); count > 0; count--) {
    plan.say(anyTime(), tab, random.between(1, 400));
  }
  for (let count = random.between(0, 6); count > 0; count--) plan.tab('post', anyTime(), tab);
  for (let count = random.between(0, 2); count > 0; count--) {
    plan.tab('reload', anyTime(), tab);
  }
  if (random.chance(0.03)) {
    const restartAfterMs = random.between(2, 40) * secondMs;
    plan.fault({ kind: 'kill', atMs: anyTime(), host: tab, restartAfterMs });
  }
}

/** Most tabs close cleanly; some laptops are closed, which sends nothing; some connections are cut. */
function leave(plan: Plan, random: Random, tab: string, atMs: number): void {
  const way = random.pick(['close', 'close', 'close', 'drop', 'silence'] as const);
  if (way === 'silence') plan.fault({ kind: 'half-open', atMs, host: tab });
  plan.tab(way === 'drop' ? 'drop' : 'close', atMs + secondMs, tab);
  // A tab that was about to reconnect when its action ordered it to leave.
  plan.tab('drop', atMs + minuteMs, tab);
}

/** A deployment in the morning and one in the afternoon, and a crash at any time of the working day. */
function runTheServer(plan: Plan, random: Random): void {
  for (const hour of [10, 15]) {
    const atMs = hour * hourMs + random.between(0, hourMs);
    plan.terminate(atMs, 30 * secondMs, random.between(2, 8) * secondMs);
  }
  const atMs = random.between(8 * hourMs, 18 * hourMs);
  const restartAfterMs = random.between(3, 20) * secondMs;
  plan.fault({ kind: 'kill', atMs, host: 'server', restartAfterMs });
}
