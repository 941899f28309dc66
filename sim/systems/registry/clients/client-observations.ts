/** What the tabs observed, and which of it is a violation. */
import { longestMs } from '../../../network/latency.ts';
import type { World } from '../../../run/world.ts';
import type { ClientExcuses } from '../model/client-excuses.ts';
import { Deadlines } from '../model/deadlines.ts';
import { derivedThreadId } from '../model/identity.ts';
import type { Clock } from '../model/pause-times.ts';
import { optionOf, type RegistryScenario, type Settings } from '../scenario.ts';
import type { ChatClient, ChatClientObserver, Envelope } from './chat-client.ts';

/** A violation that a tab or the server's own work observed. */
export interface Violation {
  readonly about:
    | 'isolation'
    | 'identity'
    | 'refusal'
    | 'acquire'
    | 'outsider'
    | 'late'
    | 'trespass';
  readonly text: string;
}

/** What the client observations need of the run. */
export interface ObservationContext extends Clock {
  /** A proxy may end a waiting connection without notice to either end. */
  readonly dropsSilently: boolean;
  readonly world: World;
  readonly clientExcuses: ClientExcuses;
  /** A tab has received a post of the server that it is connected to. */
  heardPost(tab: ChatClient, threadId: string, number: number): void;
}

export class ClientObservations implements ChatClientObserver {
  readonly violations: Violation[] = [];
  /** Thread ids by user, as reported to clients and to the server's own work. */
  readonly threads = new Map<string, Set<string>>();
  /** Upgrades that were refused with 429 and `Retry-After`, by user. */
  readonly refused = new Map<string, number>();
  /** Upgrades that were refused with 403, by user. */
  readonly forbidden = new Map<string, number>();
  /** Number of flood messages that each tab has received. */
  readonly floodHeard = new Map<string, number>();
  /** Upgrades that wait for an answer, by tab. */
  readonly upgrades: Deadlines<ChatClient>;
  /** Thread ids that some client claims. */
  readonly claimedThreads: ReadonlySet<string>;
  opened = 0;
  readonly #settings: Settings;
  readonly #context: ObservationContext;

  constructor({ settings, actions }: RegistryScenario, context: ObservationContext) {
    this.#settings = settings;
    this.#context = context;
    this.upgrades = new Deadlines(context);
    this.claimedThreads = new Set(
      actions.flatMap((action) =>
        action.kind === 'connect' && action.threadId !== null ? [action.threadId] : [],
      ),
    );
  }

  complain(about: Violation['about'], text: string): void {
    this.violations.push({ about, text });
  }

  noteThread(userId: string, threadId: string): void {
    const known = this.threads.get(userId) ?? new Set();
    this.threads.set(userId, known.add(threadId));
  }

  upgradeBegan(tab: ChatClient): void {
    const { clientExcuses, world, dropsSilently } = this.#context;
    if (dropsSilently) return;
    const startedMs = world.nowMs;
    const boundMs =
      optionOf(this.#settings, 'authenticationTimeoutMs') +
      optionOf(this.#settings, 'emergencyDeadlineMs') +
      optionOf(this.#settings, 'closeTimeoutMs');
    // The latency of five handshakes, for both directions.
    const wayMs = 10 * longestMs(world.profile) + clientExcuses.cutForMs(tab.name, startedMs);
    this.upgrades.set(
      tab,
      startedMs + boundMs + wayMs,
      () => `the upgrade of ${tab.name}, begun at ${startedMs} ms, was not answered`,
    );
  }

  upgradeEnded(tab: ChatClient): void {
    this.upgrades.met(tab);
  }

  tabOpened(tab: ChatClient, threadId: string): void {
    const { clientExcuses, world } = this.#context;
    this.opened += 1;
    if (clientExcuses.endMs(tab.name) === Number.POSITIVE_INFINITY)
      clientExcuses.endsAt(tab.name, world.nowMs);
    this.noteThread(tab.user, threadId);
    const expected = expectedThread(tab);
    if (expected !== undefined && threadId !== expected)
      this.complain('identity', `${tab.name} got thread ${threadId}, not ${expected}`);
  }

  tabRefused(
    tab: ChatClient,
    status: number,
    retryAfter: string | undefined,
    whole: boolean,
  ): void {
    const { clientExcuses, world } = this.#context;
    this.upgrades.met(tab);
    if (status === 403) increment(this.forbidden, tab.user);
    if (status === 429) {
      increment(this.refused, tab.user);
      if (!/^[1-9]\d*$/.test(retryAfter ?? ''))
        this.complain('refusal', `${tab.name} got 429 with Retry-After ${retryAfter}`);
    }
    const troubled = world.nowMs - clientExcuses.endMs(tab.name) < 1_000;
    if (!whole && !troubled)
      this.complain('refusal', `${tab.name} got a ${status} that ended early`);
  }

  tabMisread({ name }: ChatClient, { message }: Error): void {
    this.complain('refusal', `${name} got a response that is not HTTP: ${message}`);
  }

  tabHeard(tab: ChatClient, { kind, userId, threadId, number }: Envelope): void {
    if (kind === 'flood') increment(this.floodHeard, tab.name);
    if (kind === 'post') this.#context.heardPost(tab, threadId, number);
    if (userId === tab.user && threadId === tab.threadId) return;
    this.complain(
      'isolation',
      `${tab.name} of thread ${tab.threadId} received "${kind}" of ${userId}, thread ${threadId}`,
    );
  }
}

function expectedThread({ goal, user }: ChatClient): string | undefined {
  if (goal === undefined) return undefined;
  if (goal.threadId !== null) return goal.threadId;
  return goal.clientId === null ? undefined : derivedThreadId(user, goal.clientId);
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
