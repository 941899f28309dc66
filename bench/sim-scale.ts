/**
 * What an event costs in the simulator with few and with many connections open: the registry with all of its
 * invariants, the same tabs saying the same in the same time. The others are only there in the figure that has a target:
 * the events are the same then. With heartbeats most events are pings and pongs of peers that nothing was heard of for
 * long, whose objects are in no cache of the machine: the second figure says what that takes.
 */
import { type Bench, compare, type Pair } from './measure.ts';

const FEW = 10;
const MANY = 10_000;

export const roles = {
  crowd: async () => {
    const { eventUs } = await import('./simulated-crowd.ts');
    return { eventUs };
  },
};

type CrowdCalls = Awaited<ReturnType<(typeof roles)['crowd']>>;

export const simScale: Bench = {
  name: 'sim-scale',
  run: async (laboratory) => {
    const idle: Pair[] = [];
    const pinged: Pair[] = [];
    const rounds = laboratory.quick ? 1 : 5;
    await using process = await laboratory.start<CrowdCalls>('sim-scale', 'crowd');
    // Until everything is compiled.
    for (let turn = 0; turn < 4; turn += 1) {
      await process.call('eventUs', { connections: FEW, pings: turn % 2 === 0 });
    }
    for (let round = 1; round <= rounds; round += 1) {
      laboratory.progress(`sim-scale: round ${round} of ${rounds}`);
      for (const pings of [false, true]) {
        const baseline = await process.call('eventUs', { connections: FEW, pings });
        const ours = await process.call('eventUs', { connections: MANY, pings });
        (pings ? pinged : idle).push({ baseline, ours });
      }
    }
    const name = `simulated event with ${MANY} connections, beside ${FEW}, us`;
    return [
      compare(name, idle, { kind: 'at most', ratio: 1.3 }),
      compare('the same while all are pinged, us', pinged),
    ];
  },
};
