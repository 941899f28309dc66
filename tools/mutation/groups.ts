/**
 * Which tests are asked about which sources. A mutant is run once for each test that reaches it, until one fails, so that
 * a slow test that reaches everything costs most of all and notices the least.
 */

export interface Group {
  readonly name: string;
  /** Names of files in `src/`. A file is of the first group that has it; what no group has is of the last. */
  readonly sources: readonly string[] | 'the rest';
  /** Test files, those first that are quick and find most. */
  readonly tests: readonly string[];
  /** Milliseconds after which a test is given up, well above what the slowest takes. */
  readonly testTimeoutMs: number;
}

const exact = [
  'asked',
  'rounds-alone',
  'way-out',
  'limits',
  'cleanup',
  'closing',
  'grace',
  'outbox',
  'duplicates',
  'traffic',
  'shutdown',
  'heartbeat',
  'rounds',
  'sweep',
  'isolation',
  'stats',
  'reservations',
  'emergency',
  'upgrades',
  'anterooms',
  'calls',
].map((name) => `test/registry/exact/${name}.test.ts`);

const registry = (...names: readonly string[]): string[] =>
  names.map((name) => `test/registry/${name}.test.ts`);

const pure = registry(
  'contexts',
  'context-refusals',
  'options',
  'option-checks',
  'ids',
  'audit',
  'log-lines',
  'small-parts',
  'journal',
  'roster',
  'message-data',
  'inspection',
  'ledger',
  'ws-internals',
);

/** On real sockets, and most of them waiting. */
const door = registry(
  'door-parts',
  'door-upgrade',
  'door-paths',
  'door-options',
  'door',
  'door-neighbours',
  'door-admits',
  'two-doors',
  'door-departures',
  'hardening-door',
  'door-refuses',
);

export const groups: readonly Group[] = [
  {
    name: 'door',
    sources: [
      'attach.ts',
      'door.ts',
      'entrances.ts',
      'farewell.ts',
      'header-deadline.ts',
      'interruptible.ts',
      'refusal.ts',
      'refusals.ts',
      'steps.ts',
      'upgrade.ts',
      'upgrade-check.ts',
      'upgrade-guard.ts',
    ],
    tests: door,
    testTimeoutMs: 3_500,
  },
  {
    name: 'metrics',
    sources: ['otel.ts', 'channels.ts'],
    tests: [...registry('channels'), 'test/otel/otel.test.ts'],
    testTimeoutMs: 2_000,
  },
  {
    name: 'registry',
    sources: 'the rest',
    tests: [
      ...pure,
      ...exact,
      ...registry('isolation', 'channels', 'unheard', 'hardening-hooks', 'events'),
    ],
    testTimeoutMs: 2_000,
  },
];

/** The group of a file such as `src/delivery/outbox.ts`. */
export function groupOf(file: string): Group {
  const found = groups.find(
    ({ sources }) => sources === 'the rest' || sources.some((name) => file.endsWith(`/${name}`)),
  );
  if (found === undefined) throw new Error(`${file} is of no group`);
  return found;
}
