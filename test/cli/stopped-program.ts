/** Makes runs until one of them was made anew, and says so: for a test that stops this process meanwhile. */
import { scenarios, simulate } from '../../sim/systems/registry/index.ts';

const swarm = scenarios[0];
if (swarm === undefined) throw new Error('there is no default scenario');
const digests: string[] = [];
let restarts = 0;
console.log('running');
while (restarts === 0) {
  const outcome = await simulate(swarm.make(digests.length + 1), {
    hangAfterMs: 500,
    onRestart: () => {
      restarts += 1;
    },
  });
  digests.push(outcome.digest);
}
console.log(JSON.stringify(digests));
