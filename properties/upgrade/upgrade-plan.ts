/** What a client does at the upgrade and what the hooks of the server answer, and which answer the client must get. */
import fc from 'fast-check';

/** What a hook says: `almost` is no yes, though it looks like one. */
export type Verdict = 'yes' | 'no' | 'almost' | 'throws' | 'never';

export interface Hook {
  readonly verdict: Verdict;
  /** Virtual milliseconds until it answers; `null` is at once, without a promise. */
  readonly afterMs: number | null;
}

export interface UpgradePlan {
  readonly origin: Hook;
  readonly authentication: Hook;
  readonly authorization: Hook;
  /** Whether it names a thread; its own thread need not be authorized. */
  readonly claims: boolean;
  readonly leaving: Leaving;
}

export interface Leaving {
  readonly how: 'stays' | 'resets' | 'ends';
  /** Virtual milliseconds after it has sent its request. */
  readonly afterMs: number;
}

/** No sum of them is the bound of the checks. */
const afterMs = fc.constantFrom(null, 0, 3, 2_000, 4_000, 6_000);

/** Mostly allowed, or the later hooks were never called. */
const verdict = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Verdict>('yes') },
  { weight: 1, arbitrary: fc.constantFrom<Verdict>('no', 'almost', 'throws', 'never') },
);

const hook = fc.record({ verdict, afterMs }, { noNullPrototype: true });

/** At each step of the handshake, in the middle of each check, and after the bound of all. */
const leaving = fc.record(
  {
    how: fc.constantFrom<Leaving['how']>('stays', 'stays', 'resets', 'ends'),
    afterMs: fc.constantFrom(0, 1, 2, 3, 4, 5, 6, 1_000, 3_000, 4_999, 5_001, 5_002),
  },
  { noNullPrototype: true },
);

export const upgradePlanArbitrary: fc.Arbitrary<UpgradePlan> = fc.record(
  { origin: hook, authentication: hook, authorization: hook, claims: fc.boolean(), leaving },
  { noNullPrototype: true },
);

export type HookName = 'origin' | 'authentication' | 'authorization';

export interface Expected {
  readonly status: number;
  /** The hooks that are called for it, in this order, each once. */
  readonly asked: readonly HookName[];
}

/** All checks together, as the option's documentation has it. */
export const authenticationTimeoutMs = 5_000;

const refusals = { origin: 403, authentication: 401, authorization: 403 } as const;

/** What the server has to answer, if the client waits for it. */
export function expectedOf(plan: UpgradePlan): Expected {
  const names: readonly HookName[] = plan.claims
    ? ['origin', 'authentication', 'authorization']
    : ['origin', 'authentication'];
  let elapsedMs = 0;
  for (const [index, name] of names.entries()) {
    const { [name]: hook } = plan;
    const asked = names.slice(0, index + 1);
    elapsedMs += hook.afterMs ?? 0;
    const isLate = hook.verdict === 'never' || elapsedMs > authenticationTimeoutMs;
    if (isLate || hook.verdict === 'throws') return { status: 503, asked };
    if (hook.verdict === 'yes') continue;
    // What is no identity at all is a mistake of the server's, and not of the client's.
    const isNoIdentity = name === 'authentication' && hook.verdict === 'almost';
    return { status: isNoIdentity ? 503 : refusals[name], asked };
  }
  return { status: 101, asked: names };
}

/** How often a hook is reported as failed, for a client that waits. */
export function failuresOf(plan: UpgradePlan): number {
  const { asked, status } = expectedOf(plan);
  const last = asked.at(-1);
  if (status !== 503 || last === undefined) return 0;
  const { verdict } = plan[last];
  // Also after the client has its answer; what is no identity is not looked at any more by then.
  if (verdict === 'throws') return 1;
  const isNoIdentity = last === 'authentication' && verdict === 'almost';
  return isNoIdentity && !isLate(plan, asked) ? 1 : 0;
}

function isLate(plan: UpgradePlan, asked: readonly HookName[]): boolean {
  const elapsedMs = asked.reduce((sum, name) => sum + (plan[name].afterMs ?? 0), 0);
  return elapsedMs > authenticationTimeoutMs;
}
