/** A process that is stopped and goes on (Ctrl-Z, a frozen container) makes the same runs as one that is not. */
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { scenarios, simulate } from '../../sim/systems/registry/index.ts';
import { start } from './start.ts';

test('a run during which its process was stopped is made anew', { timeout: 120_000 }, async () => {
  const child = start('', 'test/cli/stopped-program.ts');
  const { stdout } = child;
  const [swarm] = scenarios;
  if (stdout === null || swarm === undefined) throw new Error('there is nothing to look at');
  await once(stdout, 'readable');
  const ended = Promise.all([text(stdout), once(child, 'close')]);
  // More than once, since the process may be between two runs when it is stopped; and longer each time, since the guard
  // allows the more real time the busier the machine is.
  for (
    let stoppedMs = 1_500;
    child.exitCode === null;
    stoppedMs = Math.min(15_000, stoppedMs * 2)
  ) {
    await sleep(300);
    child.kill('SIGSTOP');
    await sleep(stoppedMs);
    child.kill('SIGCONT');
    await sleep(1_000);
  }
  const [out, [code]] = await ended;

  expect(code).toBe(0);
  const digests: unknown[] = JSON.parse(out.replace('running\n', ''));
  const expected = [];
  for (let seed = 1; seed <= digests.length; seed += 1) {
    expected.push((await simulate(swarm.make(seed))).digest);
  }
  expect(digests).toEqual(expected);
});
