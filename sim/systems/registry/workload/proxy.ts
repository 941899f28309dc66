/** A proxy between the clients and the server that outlives its clients. */
import { type Draw, planOf, range } from './family.ts';

const closeTimeoutMs = 5_000;

/**
 * 20 clients vanish, and the proxy keeps their connections and answers every ping. No probe can detect it, so the user
 * is locked out until the connections exceed their maximum age or silence.
 */
export const zombieProxy: Draw = (seed, random, bug) => {
  const boundMs = random.between(30_000, 120_000);
  const by = random.pick(['maxConnectionAgeMs', 'maxSilenceMs'] as const);
  // A silence is found at most 25 % later; an age is enforced up to 25 % earlier.
  const goneWithinMs = by === 'maxSilenceMs' ? 1.25 * boundMs : boundMs;
  const plan = planOf('zombie-proxy', seed, 180_000, { registry: { [by]: boundMs } });
  plan.fault({ kind: 'proxy', atMs: 0, host: 'server', durationMs: 180_000, zombie: true });
  const zombies = range(20).map((index) => `ada.${index + 1}`);
  for (const tab of zombies) {
    plan.connect(random.between(1, 1_000), tab);
    const goesMs = random.between(1_500, 2_500);
    const way = random.pick(['drop', 'half-open', 'kill', 'power-loss', 'address-change'] as const);
    if (way === 'drop') plan.tab('drop', goesMs, tab);
    else plan.fault({ kind: way, atMs: goesMs, host: tab });
  }
  plan.expect(3_000, 'managers', 'ada', 20);
  plan.expect(3_000, 'connections', 'ada', 20);
  // The user reconnects, and is refused as long as the proxy answers for the other clients.
  plan.connect(3_000, 'ada.21');
  plan.expect(8_000, 'refused', 'ada', 1);
  plan.expect(8_000, 'tab-open', 'ada.21', 0);
  plan.expect(8_000, 'evicted', null, 0);
  const freeMs = Math.ceil(1_100 + goneWithinMs + closeTimeoutMs);
  plan.expect(freeMs, 'connections', 'ada', 0);
  plan.connect(freeMs, 'ada.21');
  plan.expect(freeMs + 500, 'tab-open', 'ada.21', 1);
  plan.expect(freeMs + 500, 'refused', 'ada', 1);
  return plan.scenario(bug);
};
