/** Clients that reconnect from another address, or to another server. */
import { type Draw, planOf, range } from './family.ts';

/** The defaults of the heartbeat: interval, timeout, and the granularity of the inspection wheel. */
const foundWithinMs = 30_000 + 10_000 + 3_000;

/** Clients vanish silently, and reconnect from another address 5 s to 10 min later. */
export const laptopLid: Draw = (seed, random, bug) => {
  const plan = planOf('laptop-lid', seed, 700_000);
  const tabs = ['ada', 'bob', 'cyd'].flatMap((user) =>
    range(random.between(2, 5)).map((index) => `${user}.${index + 1}`),
  );
  const lidMs = random.between(10_000, 30_000);
  let backSoon = 0;
  for (const tab of tabs) {
    plan.connect(random.between(0, 5_000), tab, { retry: true });
    const isBackSoon = random.chance(0.4);
    if (isBackSoon) backSoon += 1;
    const awayMs = isBackSoon
      ? random.between(5_000, foundWithinMs - 1_000)
      : random.between(foundWithinMs + 1_000, 600_000);
    plan.away(lidMs, tab, awayMs);
    for (const _ of range(random.between(0, 3))) {
      plan.tab('post', lidMs + random.between(0, 100_000), tab);
    }
  }
  plan.expect(lidMs - 1, 'connections', null, tabs.length);
  // All half-open connections are closed, and only those of reconnected clients are left.
  plan.expect(lidMs + foundWithinMs, 'connections', null, backSoon);
  plan.expect(680_000, 'connections', null, tabs.length);
  plan.expect(680_000, 'managers', null, tabs.length);
  plan.expect(680_000, 'open-tabs', null, tabs.length);
  // They returned to their threads, from any address.
  plan.expect(680_000, 'threads', null, tabs.length);
  return plan.scenario(bug);
};

/**
 * Connections that reconnect within one second when a drain closes 100 every 100 ms, with retry times of up to 10 s.
 */
const arrivalsASecondMax = 100;

/** Two servers, SIGTERM with a drain on one: 400 clients move over with jitter. */
export const rollingDeploy: Draw = (seed, random, bug) => {
  const plan = planOf('rolling-deploy', seed, 90_000, { server: { servers: 2 } });
  const clients = 400;
  for (const index of range(clients)) {
    plan.connect(random.between(0, 10_000), `user-${index + 1}.1`, { retry: true, heeds: true });
  }
  plan.expect(14_000, 'created', null, clients);
  plan.expect(14_000, 'connections', null, clients);
  const termMs = random.between(15_000, 20_000);
  plan.terminate(termMs, 20_000, 2_000);
  for (const index of range(40)) plan.tab('post', termMs + 250 * index, `user-${index + 1}.1`);
  plan.expect(termMs + 25_000, 'open-tabs', null, clients);
  plan.expect(termMs + 25_000, 'managers', null, clients);
  plan.expect(termMs + 25_000, 'created', null, 2 * clients);
  plan.expect(termMs + 25_000, 'refused', null, 0);
  plan.expect(termMs + 25_000, 'arrivals-peak', 'server-2', 1, arrivalsASecondMax);
  return plan.scenario(bug);
};
