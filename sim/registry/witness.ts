/** What the tabs saw, and what of it they should not have seen. */
import { longestMs } from '../engine/latency.ts';
import type { World } from '../engine/world.ts';
import { Deadlines } from './deadlines.ts';
import { derivedThreadId } from './identity.ts';
import { optionOf, type RegistryScenario, type Settings } from './scenario.ts';
import type { Clock } from './stalls.ts';
import type { Envelope, Tab, TabObserver } from './tab.ts';
import type { Trouble } from './trouble.ts';

/** What a tab or the server's own work saw and should not have. */
export interface Complaint {
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

/** What a witness needs of the run. */
export interface Scene extends Clock {
  /** A proxy may end a connection that waits, and tell neither end. */
  readonly dropsSilently: boolean;
  readonly world: World;
  readonly trouble: Trouble;
  /** A tab has heard a post of the server that it is connected to. */
  heardPost(tab: Tab, threadId: string, number: number): void;
}

export class Witness implements TabObserver {
  readonly complaints: Complaint[] = [];
  /** Thread ids by user, as clients and the server's own work were told. */
  readonly threads = new Map<string, Set<string>>();
  /** Upgrades that were refused with 429 and `Retry-After`, by user. */
  readonly refused = new Map<string, number>();
  /** Upgrades that were refused with 403, by user. */
  readonly forbidden = new Map<string, number>();
  /** Messages of floods that each tab has heard. */
  readonly floodHeard = new Map<string, number>();
  /** Upgrades that wait for an answer, by tab. */
  readonly upgrades: Deadlines<Tab>;
  /** Thread ids that some client claims. */
  readonly claimedThreads: ReadonlySet<string>;
  opened = 0;
  readonly #settings: Settings;
  readonly #scene: Scene;

  constructor({ settings, actions }: RegistryScenario, scene: Scene) {
    this.#settings = settings;
    this.#scene = scene;
    this.upgrades = new Deadlines(scene);
    this.claimedThreads = new Set(
      actions.flatMap((action) =>
        action.kind === 'connect' && action.threadId !== null ? [action.threadId] : [],
      ),
    );
  }

  complain(about: Complaint['about'], text: string): void {
    this.complaints.push({ about, text });
  }

  noteThread(userId: string, threadId: string): void {
    const known = this.threads.get(userId) ?? new Set();
    this.threads.set(userId, known.add(threadId));
  }

  upgradeBegan(tab: Tab): void {
    const { trouble, world, dropsSilently } = this.#scene;
    if (dropsSilently) return;
    const startedMs = world.nowMs;
    const boundMs =
      optionOf(this.#settings, 'authenticationTimeoutMs') +
      optionOf(this.#settings, 'emergencyDeadlineMs') +
      optionOf(this.#settings, 'closeTimeoutMs');
    // Five handshakes' worth of latency, for the way there and back.
    const wayMs = 10 * longestMs(world.profile) + trouble.cutForMs(tab.name, startedMs);
    this.upgrades.set(
      tab,
      startedMs + boundMs + wayMs,
      () => `the upgrade of ${tab.name}, begun at ${startedMs} ms, was not answered`,
    );
  }

  upgradeEnded(tab: Tab): void {
    this.upgrades.met(tab);
  }

  tabOpened(tab: Tab, threadId: string): void {
    const { trouble, world } = this.#scene;
    this.opened += 1;
    if (trouble.endMs(tab.name) === Number.POSITIVE_INFINITY) trouble.endsAt(tab.name, world.nowMs);
    this.noteThread(tab.user, threadId);
    const expected = expectedThread(tab);
    if (expected !== undefined && threadId !== expected)
      this.complain('identity', `${tab.name} was told thread ${threadId}, not ${expected}`);
  }

  tabRefused(tab: Tab, status: number, retryAfter: string | undefined, whole: boolean): void {
    const { trouble, world } = this.#scene;
    this.upgrades.met(tab);
    if (status === 403) increment(this.forbidden, tab.user);
    if (status === 429) {
      increment(this.refused, tab.user);
      if (!/^[1-9]\d*$/.test(retryAfter ?? ''))
        this.complain('refusal', `${tab.name} got 429 with Retry-After ${retryAfter}`);
    }
    const troubled = world.nowMs - trouble.endMs(tab.name) < 1_000;
    if (!whole && !troubled)
      this.complain('refusal', `${tab.name} got a ${status} that ended early`);
  }

  tabMisread({ name }: Tab, { message }: Error): void {
    this.complain('refusal', `${name} got an answer that is no HTTP: ${message}`);
  }

  tabHeard(tab: Tab, { kind, userId, threadId, number }: Envelope): void {
    if (kind === 'flood') increment(this.floodHeard, tab.name);
    if (kind === 'post') this.#scene.heardPost(tab, threadId, number);
    if (userId === tab.user && threadId === tab.threadId) return;
    this.complain(
      'isolation',
      `${tab.name} of thread ${tab.threadId} heard "${kind}" of ${userId}, thread ${threadId}`,
    );
  }
}

function expectedThread({ goal, user }: Tab): string | undefined {
  if (goal === undefined) return undefined;
  if (goal.threadId !== null) return goal.threadId;
  return goal.clientId === null ? undefined : derivedThreadId(user, goal.clientId);
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
