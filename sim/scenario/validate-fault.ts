/** What the fields of each fault must be. */
import type { Fault, FaultKind } from './fault.ts';

interface Rule {
  readonly isOptional?: true;
  readonly holds: (value: unknown) => boolean;
  readonly says: string;
}

const duration: Rule = {
  holds: (value) => isWhole(value, 0, Number.MAX_SAFE_INTEGER),
  says: 'must be a whole number of milliseconds',
};
const positive: Rule = {
  holds: (value) => isWhole(value, 1, Number.MAX_SAFE_INTEGER),
  says: 'must be a positive whole number of milliseconds',
};
const flag: Rule = {
  holds: (value) => typeof value === 'boolean',
  says: 'must be true or false',
};
const shift: Rule = {
  holds: (value) => isWhole(value, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  says: 'must be a whole number of milliseconds, negative for back',
};
const ppm: Rule = {
  holds: (value) => isWhole(value, -1_000_000, 1_000_000),
  says: 'must be a whole number from -1000000 to 1000000',
};
const names: Rule = {
  holds: (value) => Array.isArray(value) && value.every((name) => typeof name === 'string'),
  says: 'must be a list of names of hosts',
};
const optional = (rule: Rule): Rule => ({ ...rule, isOptional: true });
const oneOf = (...values: readonly string[]): Rule => ({
  holds: (value) => values.some((known) => known === value),
  says: `must be one of ${values.join(', ')}`,
});

/** The fields that each fault has besides `kind`, `atMs` and `host`. */
const fieldsOf: Readonly<Record<FaultKind, Readonly<Record<string, Rule>>>> = {
  kill: { restartAfterMs: optional(duration) },
  'power-loss': { restartAfterMs: optional(duration) },
  reset: {},
  'half-open': {},
  refuse: { durationMs: duration },
  blackhole: { durationMs: duration },
  'slow-link': { addedMs: duration, durationMs: duration },
  pause: { durationMs: duration },
  proxy: {
    durationMs: duration,
    idleTimeoutMs: optional(positive),
    maxAgeMs: optional(positive),
    silentDrop: optional(flag),
    zombie: optional(flag),
  },
  partition: {
    with: optional(names),
    from: optional(names),
    direction: optional(oneOf('both', 'in', 'out')),
    durationMs: duration,
  },
  'clock-jump': { byMs: shift },
  'clock-drift': { ppm, durationMs: duration },
  'address-change': {},
};

/** Every kind of fault that there is. */
export const faultKinds = Object.keys(fieldsOf) as readonly FaultKind[];

const common = ['kind', 'atMs', 'host'];

/**
 * Called with the value of a wrong field and the rule that it breaks. Returns normally only when `refuse` was not
 * called.
 */
export type Refuse = (field: string, rule: string, value: unknown) => void;

/** Checks everything about a fault but its time. */
export function checkFault(fault: Fault, refuse: Refuse): void {
  if (!Object.hasOwn(fieldsOf, fault.kind)) {
    refuse('kind', `must be one of ${Object.keys(fieldsOf).join(', ')}`, fault.kind);
    return;
  }
  if (typeof fault.host !== 'string') refuse('host', 'must be the name of a host', fault.host);
  const fields = fieldsOf[fault.kind];
  for (const [field, { isOptional, holds, says }] of Object.entries(fields)) {
    const value: unknown = Reflect.get(fault, field);
    if (isOptional && value === undefined) continue;
    if (!holds(value)) refuse(field, says, value);
  }
  // A misspelt option would make another fault.
  const known = [...common, ...Object.keys(fields)];
  for (const [field, value] of Object.entries(fault)) {
    if (!known.includes(field)) refuse(field, `must be one of ${known.join(', ')}`, value);
  }
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
}
