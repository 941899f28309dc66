/** What is claimed of the door (G17): whoever waits is answered as the hooks say, and whoever goes leaves nothing. */
import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import type { AttachOptions } from '../../src/index.ts';
import { agree } from '../fixture/assert-equal.ts';
import { Stage } from '../fixture/registry-fixture.ts';
import type { Property } from '../runner/property.ts';
import { Guest } from './upgrade-client.ts';
import {
  authenticationTimeoutMs,
  expectedOf,
  failuresOf,
  type Hook,
  type HookName,
  type Visitor,
  visitorArbitrary,
} from './upgrade-plan.ts';

/** Past the bound of the checks, the time that a refused visitor may linger, and the last word of a hook that is late. */
const answeredMs = authenticationTimeoutMs + 7_000;

export const upgradeProperty: Property = {
  title: 'an upgrade is answered as the hooks say, and a client that leaves keeps nothing',
  runs: 200,
  over: ({ library }) =>
    fc.asyncProperty(fc.array(visitorArbitrary, { minLength: 1, maxLength: 4 }), (visitors) => {
      const guests = visitors.map((visitor, index) => new Guest(`v${index}`, visitor));
      const asked = new Map<string, HookName[]>();
      return Stage.with({ library, hooks: hooksOf(visitors, asked) }, async (stage) => {
        for (const guest of guests) await guest.arrive(stage);
        await stage.advance(answeredMs);
        assertAnswers(stage, guests, asked);
        await stage.event(() => {
          for (const guest of guests) guest.leave();
        });
        await stage.advance(60_000);
        stage.assertNothingIsLeft();
      });
    }),
};

function assertAnswers(
  stage: Stage,
  guests: readonly Guest[],
  asked: ReadonlyMap<string, readonly HookName[]>,
): void {
  for (const guest of guests) {
    const expected = expectedOf(guest.visitor);
    const created = createdFor(stage, guest.name);
    if (expected.status !== 101) agree(`managers made for ${guest.name}`, created, 0);
    if (guest.visitor.leaving.how !== 'stays') continue;
    const hooks = asked.get(guest.name)?.join();
    agree(`hooks that are asked of ${guest.name}`, hooks, expected.asked.join());
    const fault =
      expected.status === 101 ? guest.faultOfWelcome() : guest.faultOfRefusal(expected.status);
    if (fault !== undefined) throw new Error(`${guest.name} ${fault}, not ${expected.status}`);
    if (expected.status === 101) agree(`managers made for ${guest.name}`, created, 1);
  }
  assertCounts(stage, guests);
}

/** Of visitors who go it depends on when; those who stay are counted exactly. */
function assertCounts(stage: Stage, guests: readonly Guest[]): void {
  if (guests.some(({ visitor }) => visitor.leaving.how !== 'stays')) return;
  const refused = guests.filter(({ visitor }) => expectedOf(visitor).status !== 101);
  const { upgradesRefused, hookErrors, connections } = stage.registry.stats();
  agree('upgrades refused', upgradesRefused, refused.length);
  agree('connections', connections, guests.length - refused.length);
  const failures = guests.reduce((sum, { visitor }) => sum + failuresOf(visitor), 0);
  agree('hooks reported as failed', hookErrors, failures);
}

function createdFor({ told = [] }: Stage, user: string): number {
  return told.filter((one) => one.name === 'managerCreated' && one.event.userId === user).length;
}

/** @param asked Who is asked about is noted here. */
function hooksOf(
  visitors: readonly Visitor[],
  asked: Map<string, HookName[]>,
): Partial<AttachOptions> {
  const answer = <T>(name: HookName, who: string, yes: T, no: T) => {
    asked.set(who, [...(asked.get(who) ?? []), name]);
    const visitor = visitors[Number(who.slice(1))];
    if (visitor === undefined) throw new Error(`nobody is called ${who}`);
    return answerOf(visitor[name], yes, no);
  };
  const nameOf = ({ url = '' }: IncomingMessage) => /visitor=(\w+)/.exec(url)?.[1] ?? '';
  return {
    checkOrigin: (_origin, request) => answer('origin', nameOf(request), true, false),
    authenticate: (request) => {
      const userId = nameOf(request);
      return answer<{ userId: string } | null>('authentication', userId, { userId }, null);
    },
    authorizeThread: (userId) => answer('authorization', userId, true, false),
  };
}

function answerOf<T>({ verdict, afterMs }: Hook, yes: T, no: T): T | Promise<T> {
  if (verdict === 'never') return new Promise(() => {});
  const say = (): T => {
    if (verdict === 'throws') throw new Error('the hook fails on purpose');
    // As a program without types may say it.
    if (verdict === 'almost') return 'true' as T;
    return verdict === 'yes' ? yes : no;
  };
  if (afterMs === null) return say();
  return new Promise<void>((resolve) => setTimeout(resolve, afterMs)).then(say);
}
