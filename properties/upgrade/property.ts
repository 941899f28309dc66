/** The property of upgrades (G17): each is answered as the hooks say, and a client that leaves early keeps nothing. */
import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import type { AttachOptions } from '../../src/index.ts';
import { assertEqual } from '../fixture/assert-equal.ts';
import { RegistryFixture } from '../fixture/registry-fixture.ts';
import type { Property } from '../runner/property.ts';
import { UpgradeClient } from './upgrade-client.ts';
import {
  authenticationTimeoutMs,
  expectedOf,
  failuresOf,
  type Hook,
  type HookName,
  type UpgradePlan,
  upgradePlanArbitrary,
} from './upgrade-plan.ts';

/** Past the bound of the checks, the time that a refused client may linger, and the answer of a hook that is late. */
const answeredMs = authenticationTimeoutMs + 7_000;

export const upgradeProperty: Property = {
  title:
    'an upgrade is answered as the hooks decide, and a client that disconnects leaves nothing behind',
  runs: 200,
  over: ({ library }) =>
    fc.asyncProperty(fc.array(upgradePlanArbitrary, { minLength: 1, maxLength: 4 }), (plans) => {
      const clients = plans.map((plan, index) => new UpgradeClient(`v${index}`, plan));
      const asked = new Map<string, HookName[]>();
      return RegistryFixture.with({ library, hooks: hooksOf(plans, asked) }, async (fixture) => {
        for (const client of clients) await client.arrive(fixture);
        await fixture.advance(answeredMs);
        assertAnswers(fixture, clients, asked);
        await fixture.event(() => {
          for (const client of clients) client.leave();
        });
        await fixture.advance(60_000);
        fixture.assertNothingIsLeft();
      });
    }),
};

function assertAnswers(
  fixture: RegistryFixture,
  clients: readonly UpgradeClient[],
  asked: ReadonlyMap<string, readonly HookName[]>,
): void {
  for (const client of clients) {
    const expected = expectedOf(client.plan);
    const created = createdFor(fixture, client.name);
    if (expected.status !== 101) assertEqual(`managers made for ${client.name}`, created, 0);
    if (client.plan.leaving.how !== 'stays') continue;
    const hooks = asked.get(client.name)?.join();
    assertEqual(`hooks that are asked of ${client.name}`, hooks, expected.asked.join());
    const fault =
      expected.status === 101 ? client.faultOfAdmission() : client.faultOfRefusal(expected.status);
    if (fault !== undefined) throw new Error(`${client.name} ${fault}, not ${expected.status}`);
    if (expected.status === 101) assertEqual(`managers made for ${client.name}`, created, 1);
  }
  assertCounts(fixture, clients);
}

/** What a client that leaves is counted as depends on when; clients that stay are counted exactly. */
function assertCounts(fixture: RegistryFixture, clients: readonly UpgradeClient[]): void {
  if (clients.some(({ plan }) => plan.leaving.how !== 'stays')) return;
  const refused = clients.filter(({ plan }) => expectedOf(plan).status !== 101);
  const { upgradesRefused, hookErrors, connections } = fixture.registry.stats();
  assertEqual('upgrades refused', upgradesRefused, refused.length);
  assertEqual('connections', connections, clients.length - refused.length);
  const failures = clients.reduce((sum, { plan }) => sum + failuresOf(plan), 0);
  assertEqual('hooks reported as failed', hookErrors, failures);
}

function createdFor({ told = [] }: RegistryFixture, user: string): number {
  return told.filter((one) => one.name === 'managerCreated' && one.event.userId === user).length;
}

/** @param asked Notes which hooks are asked of each user. */
function hooksOf(
  plans: readonly UpgradePlan[],
  asked: Map<string, HookName[]>,
): Partial<AttachOptions> {
  const answer = <T>(name: HookName, user: string, yes: T, no: T) => {
    asked.set(user, [...(asked.get(user) ?? []), name]);
    const plan = plans[Number(user.slice(1))];
    if (plan === undefined) throw new Error(`no client is called ${user}`);
    return answerOf(plan[name], yes, no);
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
