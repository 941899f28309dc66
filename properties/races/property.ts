/**
 * Everything that is asynchronous at the registry, in every order that fast-check's scheduler chooses: calls of its API,
 * upgrades and disconnects, and the answers of the hooks.
 */
import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import type { AttachOptions } from '../../src/index.ts';
import { FixtureClient } from '../fixture/fixture-client.ts';
import { RegistryFixture } from '../fixture/registry-fixture.ts';
import type { Property } from '../runner/property.ts';
import { acquireBoundMs, maxManagersPerUser, planned, RaceChecker } from './checker.ts';
import { schedule } from './schedule.ts';
import {
  forbiddenThread,
  type Step,
  steps,
  stepsAndShutdown,
  type Verdict,
  type Visit,
} from './steps.ts';

/** Virtual milliseconds from one task to the next: not enough for a handshake, so that tasks meet in the middle of one. */
const beatMs = 2;

/** Longer than every grace, timeout and drain, one after another. */
const endMs = 120_000;

export const racesProperty = raceOf(
  'in any order of calls, hooks and peers there is one manager a thread, and nothing is left',
  steps,
);

export const shutdownProperty = raceOf(
  'in any order around a shutdown no acquire succeeds after it, and every call settles',
  stepsAndShutdown,
);

function raceOf(title: string, arbitrary: fc.Arbitrary<readonly Step[]>): Property {
  const over: Property['over'] = ({ library }) =>
    fc.asyncProperty(arbitrary, schedule, async (race, { scheduler }) => {
      const checker = new RaceChecker();
      const hooks = hooksOf(race, scheduler);
      const registry = { maxManagersPerUser, reconnectGraceMs: 1_000, birthGraceMs: 100 };
      await RegistryFixture.with(
        { library, registry, hooks, judge: checker.judge },
        async (fixture) => {
          const turn = new Turns(fixture, checker, scheduler);
          const clients = await turn.plan(race);
          await turn.takeAll();
          assertAnswered(clients);
          await fixture.event(() => {
            for (const client of clients) client.close();
          });
          await fixture.advance(endMs);
          fixture.assertNothingIsLeft();
        },
      );
    });
  return { title, runs: 100, over };
}

class Turns {
  readonly #fixture: RegistryFixture;
  readonly #checker: RaceChecker;
  readonly #scheduler: fc.Scheduler;
  /** How long the task that is running makes all others wait. */
  #waitMs = 0;

  constructor(fixture: RegistryFixture, checker: RaceChecker, scheduler: fc.Scheduler) {
    this.#fixture = fixture;
    this.#checker = checker;
    this.#scheduler = scheduler;
  }

  /** Puts every step into the scheduler. Returns the clients that will connect. */
  async plan(race: readonly Step[]): Promise<readonly FixtureClient[]> {
    const clients: FixtureClient[] = [];
    for (const [index, step] of race.entries()) {
      if (step.kind !== 'visit') {
        this.#schedule(`${step.kind} ${index}`, () => this.#perform(step));
        continue;
      }
      const client = await FixtureClient.on(
        this.#fixture,
        `visitor-${index}`,
        step.user,
        queryOf(step, index),
      );
      clients.push(client);
      this.#scheduler.scheduleSequence([
        { label: `visitor ${index} comes`, builder: async () => client.connect() },
        { label: `visitor ${index} goes`, builder: async () => leave(client, step.leaves) },
      ]);
    }
    return clients;
  }

  /** Until no task is left and no hook has to answer. */
  async takeAll(): Promise<void> {
    do {
      while (this.#scheduler.count() > 0) await this.#scheduler.waitOne((task) => this.#take(task));
      await this.#fixture.advance(endMs);
      this.#assertNobodyWaits();
    } while (this.#scheduler.count() > 0);
  }

  async #take(task: () => Promise<void>): Promise<void> {
    let over: Promise<void> | undefined;
    await this.#fixture.event(() => {
      over = task();
    }, beatMs);
    await over;
    const ms = this.#waitMs;
    this.#waitMs = 0;
    await this.#fixture.advance(ms);
    this.#assertNobodyWaits();
  }

  #assertNobodyWaits(): void {
    const fault = this.#checker.faultOfWaiting(this.#fixture.nowMs);
    if (fault !== undefined) throw new Error(fault);
  }

  #schedule(label: string, perform: () => void): void {
    void this.#scheduler.schedule(Promise.resolve(), label).then(perform);
  }

  #perform(step: Exclude<Step, Visit>): void {
    const checker = this.#checker;
    if (step.kind === 'wait') this.#waitMs = step.ms;
    else if (step.kind === 'shutdown') checker.shutDown(this.#fixture, step.drainMs);
    else if (step.kind === 'cleanup') checker.cleanUp(this.#fixture, step.user);
    else checker[step.kind](this.#fixture, step.user, step.thread);
  }
}

function queryOf({ thread, claims }: Visit, index: number): string {
  return `visit=${index}&${claims ? 'threadId' : 'websocketClientId'}=${thread}`;
}

function leave(client: FixtureClient, how: Visit['leaves']): void {
  if (how === 'by close') client.close();
  else if (how === 'by reset') client.reset();
  else if (how === 'by going deaf') client.deafen();
}

/** The checks of an upgrade, and then those of an acquire. */
const answerBoundMs = 5_000 + acquireBoundMs;

/** Every client knows by now whether it is connected, and was told in time. */
function assertAnswered(clients: readonly FixtureClient[]): void {
  for (const { name, state, answeredAfterMs } of clients) {
    if (state === 'coming') throw new Error(`${name} was never answered`);
    if (answeredAfterMs > answerBoundMs) {
      throw new Error(`${name} was answered after ${answeredAfterMs} ms`);
    }
  }
}

/** Hooks that answer when the scheduler lets them. */
function hooksOf(race: readonly Step[], scheduler: fc.Scheduler): Partial<AttachOptions> {
  const inTurn = <T>(label: string, verdict: Verdict, yes: T, no: T): Promise<T> => {
    if (verdict === 'never') return new Promise(() => {});
    return scheduler.schedule(Promise.resolve(), label).then(() => {
      if (verdict === 'throws') throw planned;
      return verdict === 'yes' ? yes : no;
    });
  };
  const visitOf = ({ url = '' }: IncomingMessage) => {
    const index = Number(/visit=(\d+)/.exec(url)?.[1]);
    return { index, visit: race[index] as Visit };
  };
  return {
    checkOrigin: (_origin, request) => {
      const { index, visit } = visitOf(request);
      return inTurn(`origin of visitor ${index}`, visit.origin, true, false);
    },
    authenticate: (request) => {
      const { index, visit } = visitOf(request);
      const identity = { userId: visit.user };
      return inTurn(`authentication of visitor ${index}`, visit.authentication, identity, null);
    },
    authorizeThread: (userId, threadId) => {
      const verdict = threadId === forbiddenThread ? 'no' : 'yes';
      return inTurn(`authorization of ${userId} for ${threadId}`, verdict, true, false);
    },
  };
}
