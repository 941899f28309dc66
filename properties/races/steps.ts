/** What may happen at the same time as everything else. Plain data: when it happens is the scheduler's choice. */
import fc from 'fast-check';

/** What a hook of the server returns for a client, when the scheduler runs it. */
export type Verdict = 'yes' | 'no' | 'throws' | 'never';

/** A client requests an upgrade, and disconnects when the scheduler runs that step. */
export interface Visit {
  readonly kind: 'visit';
  readonly user: string;
  readonly thread: string;
  /** Whether it names the thread, so that the thread has to be authorized, instead of a client id. */
  readonly claims: boolean;
  readonly origin: Verdict;
  readonly authentication: Verdict;
  readonly leaves: 'never' | 'by close' | 'by reset' | 'by going deaf';
}

export type Step =
  | Visit
  | { readonly kind: 'acquire' | 'release'; readonly user: string; readonly thread: string }
  | { readonly kind: 'cleanup'; readonly user: string }
  | { readonly kind: 'shutdown'; readonly drainMs: number }
  | { readonly kind: 'wait'; readonly ms: number };

/** Objects that a report shows as they are written in code. */
function plain<T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(fields, { noNullPrototype: true });
}

/** Few, so that many steps mean the same manager and the limit is passed. */
const ofThread = {
  user: fc.constantFrom('ada', 'ada', 'bob'),
  thread: fc.constantFrom('x', 'x', 'y', 'z'),
};

/** No client may claim it. */
export const forbiddenThread = 'z';

/** Mostly admitted, or nothing would happen after the upgrade. */
const verdict = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Verdict>('yes') },
  { weight: 1, arbitrary: fc.constantFrom<Verdict>('no', 'throws', 'never') },
);

const visit = plain({
  kind: fc.constant('visit' as const),
  ...ofThread,
  claims: fc.boolean(),
  origin: verdict,
  authentication: verdict,
  leaves: fc.constantFrom<Visit['leaves']>('never', 'by close', 'by reset', 'by going deaf'),
});

const acquire = plain({ kind: fc.constant('acquire' as const), ...ofThread });
const release = plain({ kind: fc.constant('release' as const), ...ofThread });
const cleanUp = plain({ kind: fc.constant('cleanup' as const), user: ofThread.user });

/** Past the bound of the checks of an upgrade, and past every grace and timeout. */
const wait = plain({ kind: fc.constant('wait' as const), ms: fc.constantFrom(6_000, 40_000) });

const shutDown = plain({
  kind: fc.constant('shutdown' as const),
  drainMs: fc.constantFrom(0, 50, 5_000),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: visit },
  { weight: 5, arbitrary: acquire },
  { weight: 2, arbitrary: release },
  { weight: 1, arbitrary: cleanUp },
  { weight: 1, arbitrary: wait },
);

/** Without a size fast-check makes ten at most, whatever the greatest length is. */
const size = 'max';

export const steps: fc.Arbitrary<readonly Step[]> = fc.array(step, { maxLength: 14, size });

/** Two of them at most: the second one hastens the first. */
export const stepsAndShutdown: fc.Arbitrary<readonly Step[]> = fc
  .tuple(
    fc.array(shutDown, { minLength: 1, maxLength: 2, size }),
    fc.array(step, { maxLength: 12, size }),
  )
  .map(([shutdowns, others]) => [...shutdowns, ...others]);
