/** A client that goes away after each single byte of its upgrade and its first frames, on simulated sockets. */
import { expect, test } from 'vitest';
import { genuineUpgrade, openingOf } from '../../properties/hostile/upgrades.ts';
import { runHostile } from '../../properties/hostile/visited-server.ts';
import type { RawScript } from '../../sim/systems/clients/raw-client.ts';

/** A ping, a text in two fragments, and a close with 1000; masked with zeros. */
const frames =
  '\x89\x82\0\0\0\0hi' + '\x01\x81\0\0\0\0a' + '\x80\x81\0\0\0\0b' + '\x88\x82\0\0\0\0\x03\xe8';

/** Before an authentication that takes 20 ms is over, about then, and after it. */
const delaysMs = [0, 8, 14, 40];

function everyByte(token: string, leaving: 'reset' | 'end'): RawScript[] {
  const opening = openingOf({ ...genuineUpgrade, token });
  const whole = opening + frames;
  const early = Array.from(whole, (_, bytes) => ({
    opening: whole.slice(0, bytes),
    following: '',
  }));
  const patient = Array.from(frames, (_, bytes) => ({
    opening,
    following: frames.slice(0, bytes + 1),
  }));
  return delaysMs.flatMap((afterMs) =>
    [...early, { opening: whole, following: '' }, ...patient].map((script) => ({
      ...script,
      leaving,
      afterMs,
    })),
  );
}

test.each([
  ['reset', 'ada'],
  ['reset', 'slow'],
  ['reset', 'never'],
  ['end', 'ada'],
  ['end', 'slow'],
  ['end', 'never'],
] as const)(
  'a client that leaves by %s after any byte leaves nothing, with the authentication of %s',
  async (leaving, token) => {
    const scripts = everyByte(token, leaving);

    const run = await runHostile(scripts, { maxManagersPerUser: scripts.length });

    expect(run.fault).toBeUndefined();
    expect(run.accepted).toBe(scripts.length);
    expect(scripts.length).toBeGreaterThan(delaysMs.length * 200);
  },
);

test('a reset after every byte gives the same run each time', async () => {
  const scripts = everyByte('slow', 'reset');

  const [once, again] = [await runHostile(scripts), await runHostile(scripts)];

  expect(once.fault).toBeUndefined();
  expect(again).toEqual(once);
});
