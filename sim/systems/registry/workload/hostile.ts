/** Clients that violate the protocol, some on purpose: no other user is affected. */
import { type AttackName, attacks } from '../clients/attacks.ts';
import { type Draw, planOf, range } from './family.ts';

/**
 * Every attack, some of them several times, while another user works; then that user claims a thread that it does not
 * own.
 */
export const hostileClient: Draw = (seed, random, bug) => {
  const guardsRooms = random.chance(0.5);
  const plan = planOf('hostile-client', seed, 80_000, {
    authenticationMs: { min: 20, max: 200 },
    registry: { maxFramesPerSecond: 100 },
    server: { guardsRooms },
  });
  const tabs = range(4).map((index) => `ada.${index + 1}`);
  for (const tab of tabs) plan.connect(random.between(0, 1_000), tab, { threadId: 'room:ada' });
  const hows = Object.keys(attacks) as AttackName[];
  const volleys = [...hows, ...range(random.between(0, 10)).map(() => random.pick(hows))];
  volleys.forEach((how, index) => {
    plan.attack(random.between(2_000, 25_000), `mallory.${index + 1}`, how);
  });
  const claims = random.between(2_000, 20_000);
  plan.connect(claims, 'eve.1', { threadId: 'room:ada' });
  plan.say(claims + 3_000, 'eve.1', 100);
  for (const _ of range(20)) plan.flood(random.between(5_000, 25_000), 'ada.1', 5, 500);
  plan.expect(27_000, 'forbidden', 'eve', guardsRooms ? 1 : 0);
  plan.expect(27_000, 'open-tabs', 'eve', guardsRooms ? 0 : 1);
  plan.expect(27_000, 'managers', 'eve', guardsRooms ? 0 : 1);
  plan.expect(27_000, 'managers', 'ada', 1);
  plan.expect(27_000, 'connections', 'ada', 4);
  for (const tab of tabs) plan.expect(27_000, 'flood-heard', tab, 100);
  // The heartbeat ends the last one; its manager stays until its grace period is over.
  plan.expect(70_000, 'attacks-open', null, 0);
  plan.expect(75_000, 'connections', 'mallory', 0);
  plan.expect(80_000, 'open-tabs', 'ada', 4);
  return plan.scenario(bug);
};

/**
 * 1 in 10 clients stops reading while the server streams to all of them: the other tabs of its thread receive
 * everything.
 */
export const slowReader: Draw = (seed, random, bug) => {
  const policy = random.pick(['close', 'drop'] as const);
  const plan = planOf('slow-reader', seed, 60_000, {
    registry: { maxBufferedBytes: 262_144, slowReaderPolicy: policy },
  });
  const threads = ['ada', 'bob'];
  for (const user of threads) {
    const tabs = range(10).map((index) => `${user}.${index + 1}`);
    for (const tab of tabs) {
      plan.connect(random.between(0, 1_000), tab, { clientId: `client-of-${user}` });
    }
    const [deaf, ...others] = random.shuffle(tabs);
    if (deaf !== undefined) plan.tab('deafen', random.between(2_000, 4_000), deaf);
    for (const count of range(25)) plan.flood(5_000 + 400 * count, `${user}.1`, 10, 2_000);
    for (const tab of others) plan.expect(17_000, 'flood-heard', tab, 250);
    plan.expect(17_000, 'managers', user, 1);
    // It is disconnected at once for its buffered bytes, or later for its silence.
    plan.expect(policy === 'close' ? 21_500 : 50_000, 'connections', user, 9);
  }
  return plan.scenario(bug);
};
