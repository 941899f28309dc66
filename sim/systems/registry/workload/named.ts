/**
 * The named workloads of the production leak and of servers like the one that had it. Their expectations are exact: an
 * accepted number of leftovers is always zero. The seed draws what is not fixed here.
 */
import { type Draw, planOf, range } from './family.ts';

/** One user, 8 tabs 100 ms apart, threads of their own; 3 random tabs close, then all. */
export const multiTab: Draw = (seed, random, bug) => {
  const plan = planOf('multi-tab', seed, 75_000);
  const tabs = range(8).map((index) => `ada.${index + 1}`);
  tabs.forEach((tab, index) => {
    plan.connect(100 * index, tab);
    plan.say(2_000 + random.between(0, 500), tab, random.between(1, 200));
  });
  plan.expect(4_000, 'managers', 'ada', 8);
  plan.expect(4_000, 'threads', 'ada', 8);
  const closers = random.shuffle(tabs).slice(0, 3);
  for (const tab of closers) plan.tab('close', 5_000 + random.between(0, 500), tab);
  // Their managers stay for reconnectGraceMs, in case they reconnect.
  plan.expect(34_900, 'managers', 'ada', 8);
  plan.expect(36_000, 'managers', 'ada', 5);
  plan.expect(36_000, 'open-tabs', 'ada', 5);
  for (const tab of tabs) plan.tab('close', 37_000 + random.between(0, 500), tab);
  plan.expect(66_900, 'managers', 'ada', 5);
  plan.expect(68_000, 'managers', 'ada', 0);
  return plan.scenario(bug);
};

/** A fresh server, 25 connection attempts of one user at 15 a second, none closes. */
export const coldStart: Draw = (seed, random, bug) => {
  const plan = planOf('cold-start', seed, 40_000);
  const everyMs = 1_000 / 15;
  const tabs = range(30).map((index) => `ada.${index + 1}`);
  tabs.slice(0, 25).forEach((tab, index) => {
    plan.connect(Math.round(everyMs * index), tab);
  });
  plan.expect(8_000, 'open-tabs', 'ada', 20);
  plan.expect(8_000, 'managers', 'ada', 20);
  plan.expect(8_000, 'refused', 'ada', 5);
  plan.expect(8_000, 'evicted', 'ada', 0);
  // Five leave, and the next five get their slots although their grace period is not over.
  const leavers = random.shuffle(tabs.slice(0, 20)).slice(0, 5);
  for (const tab of leavers) plan.tab('close', 15_000 + random.between(0, 1_000), tab);
  tabs.slice(25).forEach((tab, index) => {
    plan.connect(20_000 + Math.round(everyMs * index), tab);
  });
  plan.expect(30_000, 'open-tabs', 'ada', 20);
  plan.expect(30_000, 'refused', 'ada', 5);
  plan.expect(30_000, 'evicted', 'ada', 5);
  return plan.scenario(bug);
};

/**
 * 15 cycles of 200 ms up, 100 ms down, same client id, some by close frame, some by reset, some by silence. Messages
 * that the server sends meanwhile are replayed.
 */
export const reconnect: Draw = (seed, random, bug) => {
  const plan = planOf('reconnect', seed, 90_000);
  // A tab that falls silent reconnects as another tab with the same client id: the old connection is half-open.
  let tab = 'ada.1';
  for (const cycle of range(15)) {
    const atMs = 300 * cycle;
    plan.connect(atMs, tab, { clientId: 'client-of-ada' });
    plan.say(atMs + random.between(60, 150), tab, 20);
    const end = random.pick(['close', 'drop', 'silence'] as const);
    if (end === 'silence') {
      plan.fault({ kind: 'half-open', atMs: atMs + 200, host: tab });
      tab = `ada.${cycle + 2}`;
    } else {
      plan.tab(end, atMs + 200, tab);
      for (let count = random.between(0, 3); count > 0; count--)
        plan.tab('post', atMs + 290 - count, tab);
    }
    plan.expect(atMs + 100, 'managers', 'ada', 1);
    plan.expect(atMs + 299, 'managers', 'ada', 1);
  }
  plan.tab('close', 5_500, tab);
  plan.expect(6_000, 'created', null, 1);
  plan.expect(6_000, 'threads', 'ada', 1);
  // The silent ones are found within heartbeat interval and timeout; the grace period follows.
  plan.expect(81_000, 'managers', 'ada', 0);
  return plan.scenario(bug);
};

/** 10 sessions whose database code and WebSocket code create their contexts separately, 50 ms apart. */
export const contextMismatch: Draw = (seed, random, bug) => {
  const plan = planOf('context-mismatch', seed, 50_000);
  for (const session of range(10)) {
    const tab = `ada.${session + 1}`;
    const clientId = `session-${session + 1}`;
    const atMs = 200 * session;
    const databaseFirst = random.chance(0.5);
    plan.acquire(databaseFirst ? atMs : atMs + 50, 'ada', clientId);
    plan.connect(databaseFirst ? atMs + 50 : atMs, tab, { clientId });
    plan.tab('close', 5_000 + random.between(0, 1_000), tab);
  }
  plan.expect(4_000, 'managers', 'ada', 10);
  plan.expect(4_000, 'created', null, 10);
  plan.expect(4_000, 'threads', 'ada', 10);
  plan.expect(37_000, 'managers', 'ada', 0);
  return plan.scenario(bug);
};

/**
 * An acquire each 500 ms for 10 s, half of the peers are dead from the start, and cleanups are requested at the same
 * instants.
 */
export const cleanupRace: Draw = (seed, random, bug) => {
  const plan = planOf('cleanup-race', seed, 40_000);
  const fates = random.shuffle(range(20).map((index) => index % 2 === 0));
  fates.forEach((dies, index) => {
    const tab = `ada.${index + 1}`;
    const atMs = 500 * index;
    plan.connect(atMs, tab);
    if (!dies) return;
    // As soon as it is open: it never answers a ping.
    if (random.chance(0.5)) plan.fault({ kind: 'half-open', atMs: atMs + 60, host: tab });
    else plan.tab('deafen', atMs + 60, tab);
  });
  for (const instant of range(50)) plan.cleanup(500 * instant, 'ada');
  plan.expect(9_900, 'managers', 'ada', 20);
  // The last dead connection is old enough at 20 s and closed two probes later. All responsive ones remain.
  plan.expect(35_000, 'managers', 'ada', 10);
  plan.expect(35_000, 'evicted', 'ada', 10);
  return plan.scenario(bug);
};

/** The server is killed with 15 managers, restarts after a 2 to 5 s cold start, all clients return with backoff. */
export const containerRestart: Draw = (seed, random, bug) => {
  const plan = planOf('container-restart', seed, 40_000);
  const users = ['ada', 'bob', 'cyd'];
  for (const index of range(15)) {
    const tab = `${users[index % 3]}.${index + 1}`;
    plan.connect(random.between(0, 3_000), tab, { retry: true });
  }
  plan.expect(9_000, 'managers', null, 15);
  const kind = random.chance(0.5) ? 'kill' : 'power-loss';
  plan.fault({ kind, atMs: 10_000, host: 'server', restartAfterMs: random.between(2_000, 5_000) });
  if (kind === 'power-loss') {
    // No tab is notified. A tab that sends something gets a RST.
    for (const index of range(15)) plan.say(15_500, `${users[index % 3]}.${index + 1}`, 10);
  }
  plan.expect(30_000, 'open-tabs', null, 15);
  plan.expect(30_000, 'managers', null, 15);
  plan.expect(30_000, 'created', null, 30);
  return plan.scenario(bug);
};

/** 20 managers of one user whose peers are unresponsive (half-open) or refuse to close; a 21st connects. */
export const emergency: Draw = (seed, random, bug) => {
  const plan = planOf('emergency', seed, 50_000);
  for (const index of range(20)) {
    const tab = `ada.${index + 1}`;
    plan.connect(100 * index, tab);
    // Some stop reading, and so answer neither ping nor close frame. The others vanish silently.
    if (random.chance(0.3)) plan.tab('deafen', 3_000, tab);
    else plan.fault({ kind: 'half-open', atMs: 3_000, host: tab });
  }
  const comesMs = random.between(4_000, 25_000);
  plan.connect(comesMs, 'ada.21');
  plan.expect(comesMs + 10_500, 'tab-open', 'ada.21', 1);
  plan.expect(comesMs + 10_500, 'emergencies', null, 1);
  plan.expect(comesMs + 10_500, 'refused', 'ada', 0);
  return plan.scenario(bug);
};
