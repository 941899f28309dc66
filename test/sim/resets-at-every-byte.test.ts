/** A client that goes away after each single byte of its upgrade and its first frames, on simulated sockets. */
import { expect, test } from 'vitest';
import { genuineUpgrade, openingOf } from '../../properties/hostile/upgrades.ts';
import { type Visit, visitAll } from '../../properties/hostile/visited-server.ts';

/** A ping, a text in two fragments, and a close with 1000; masked with zeros. */
const frames =
  '\x89\x82\0\0\0\0hi' + '\x01\x81\0\0\0\0a' + '\x80\x81\0\0\0\0b' + '\x88\x82\0\0\0\0\x03\xe8';

/** Before an authentication that takes 20 ms is over, about then, and after it. */
const delaysMs = [0, 8, 14, 40];

function everyByte(token: string, leaving: Visit['leaving']): Visit[] {
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
    [...early, { opening: whole, following: '' }, ...patient].map((visit) => ({
      ...visit,
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
  '%s after every byte leaves nothing, with an authentication as for %s',
  async (leaving, token) => {
    const visits = everyByte(token, leaving);

    const stay = await visitAll(visits, { maxManagersPerUser: visits.length });

    expect(stay.fault).toBeUndefined();
    expect(stay.accepted).toBe(visits.length);
    expect(visits.length).toBeGreaterThan(delaysMs.length * 200);
  },
);

test('it goes the same way each time', async () => {
  const visits = everyByte('slow', 'reset');

  const [once, again] = [await visitAll(visits), await visitAll(visits)];

  expect(once.fault).toBeUndefined();
  expect(again).toEqual(once);
});
