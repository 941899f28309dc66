/** A server whose event loop pauses repeatedly. */
import { type Draw, planOf, range } from './family.ts';

/**
 * The server pauses for 1 to 20 s, again and again, while its clients send, are pinged and are probed. All of them are
 * responsive, so none may be disconnected.
 */
export const eventLoopStall: Draw = (seed, random, bug) => {
  const durationMs = 150_000;
  const plan = planOf('event-loop-stall', seed, durationMs, {
    registry: random.chance(0.5)
      ? {}
      : {
          heartbeatIntervalMs: random.between(4_000, 12_000),
          heartbeatTimeoutMs: random.between(2_000, 8_000),
        },
  });
  const tabs = [
    ...range(20).map((index) => `ada.${index + 1}`),
    ...range(4).map((index) => `bob.${index + 1}`),
  ];
  for (const tab of tabs) plan.connect(random.between(0, 4_000), tab);
  let atMs = 20_000;
  while (atMs < durationMs - 30_000) {
    const stallMs = random.between(1_000, 20_000);
    plan.fault({ kind: 'pause', atMs, host: 'server', durationMs: stallMs });
    // Under load, and with a cleanup that probes all of them.
    for (const tab of random.shuffle(tabs).slice(0, 8)) {
      plan.say(atMs + random.between(-1_000, stallMs), tab, random.between(1, 2_000));
    }
    plan.cleanup(atMs - random.between(0, 1_900), random.pick(['ada', 'bob']));
    if (random.chance(0.5)) plan.flood(atMs - random.between(0, 500), 'bob.1', 20, 2_000);
    atMs += stallMs + random.between(500, 12_000);
  }
  // One client too many: the emergency cleanup probes all twenty during the load.
  plan.connect(random.between(20_000, 100_000), 'ada.21');
  plan.expect(durationMs, 'refused', 'ada', 1);
  plan.expect(durationMs, 'connections', 'ada', 20);
  plan.expect(durationMs, 'connections', 'bob', 4);
  plan.expect(durationMs, 'open-tabs', null, 24);
  plan.expect(durationMs, 'created', null, 24);
  plan.expect(durationMs, 'evicted', null, 0);
  return plan.scenario(bug);
};
