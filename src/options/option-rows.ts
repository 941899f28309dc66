/**
 * The kinds of options: each gives a row its range and its check. A row is everything that is known of one option;
 * what the options are is in `option-table.ts`.
 */
import {
  checkChoice,
  checkCount,
  checkDuration,
  checkFunction,
  checkPatience,
  checkShare,
  checkSize,
  defaulted,
  TIMER_MS_MAX,
} from './option-checks.ts';

/** The values that a default may follow from: those of options whose own default is a constant. */
export type Known = Readonly<Record<string, unknown>>;

/** One option. `V` is its type once it is checked. */
export interface OptionRow<V> {
  /** `ms`, `bytes`, `1` for a plain number, or the thing that is counted; empty for what is no number. */
  readonly unit: string;
  /** The default as the documentation shows it. */
  readonly default: string;
  readonly range: string;
  /** What the option does, in full sentences. The doc comment of its type repeats it, word for word. */
  readonly text: string;
  /** A constant, or what follows from other options. */
  readonly fallback: V | ((known: Known) => V);
  /** @throws {InvalidOptionError} */
  check(name: string, value: unknown): V;
}

type Default<V> = V | { readonly shown: string; from(known: Known): V };

function row<V extends number | string>(
  unit: string,
  range: string,
  check: (name: string, value: unknown) => V,
  given: Default<V>,
  text: string,
): OptionRow<V> {
  const follows = typeof given === 'object';
  return {
    unit,
    range,
    text,
    check,
    default: follows ? given.shown : showConstant(given),
    fallback: follows ? (known) => given.from(known) : given,
  };
}

function showConstant(value: number | string): string {
  if (typeof value === 'string') return `'${value}'`;
  // As it is written in code, with groups of three digits.
  return String(value).replace(/\B(?=(\d{3})+$)/g, '_');
}

export function duration(given: Default<number>, text: string, leastMs = 0): OptionRow<number> {
  const check = (name: string, value: unknown): number => checkDuration(name, value, leastMs);
  return row('ms', `${leastMs} to ${TIMER_MS_MAX}`, check, given, text);
}

/** A duration that no timer has to keep. */
export function patience(given: Default<number>, text: string): OptionRow<number> {
  return row('ms', '1 to Infinity', checkPatience, given, text);
}

export function count(unit: string, given: Default<number>, text: string): OptionRow<number> {
  return row(unit, 'integers from 1, Infinity', checkCount, given, text);
}

export function size(unit: string, given: Default<number>, text: string): OptionRow<number> {
  return row(unit, 'integers from 0, Infinity', checkSize, given, text);
}

export function share(given: number, text: string): OptionRow<number> {
  return row('1', 'above 0, at most 1', checkShare, given, text);
}

/** The first choice is the default. */
export function choice<T extends string>(
  choices: readonly [T, ...T[]],
  text: string,
): OptionRow<T> {
  const range = choices.map((each) => `'${each}'`).join(', ');
  const check = (name: string, value: unknown): T => checkChoice(name, value, choices);
  return row<T>('', range, check, { shown: `'${choices[0]}'`, from: () => choices[0] }, text);
}

/** An option that may be left out, whose absence means `absent`. */
export function optional<V>(
  absent: string,
  range: string,
  text: string,
  check: (name: string, value: unknown) => V,
): OptionRow<V | undefined> {
  return {
    unit: '',
    default: absent,
    range,
    text,
    fallback: undefined,
    check: (name, value) => (value === undefined ? undefined : check(name, value)),
  };
}

export function required<V>(
  range: string,
  text: string,
  check: (name: string, value: unknown) => V,
): OptionRow<V | undefined> {
  return { unit: '', default: 'required', range, text, fallback: undefined, check };
}

/** A function of the application that may be left out. */
export function hook(absent: string, text: string): OptionRow<unknown> {
  return optional(absent, 'a function', text, checkFunction);
}

export type OptionTable = Readonly<Record<string, OptionRow<unknown>>>;

/** The values of a table, present and checked. */
export type Resolved<T extends OptionTable> = {
  readonly [K in keyof T]: T[K] extends OptionRow<infer V> ? V : never;
};

/**
 * Checks every option of a table and fills in the defaults: first those that are constants, then those that follow.
 *
 * @param known Options of others that defaults may follow from.
 * @throws {InvalidOptionError} naming the option and showing the value.
 */
export function resolveTable<T extends OptionTable>(
  table: T,
  given: object,
  known: object = given,
): Resolved<T> {
  const values: Record<string, unknown> = { ...known };
  for (const isConstant of [true, false]) {
    for (const [name, { fallback, check }] of Object.entries(table)) {
      if ((typeof fallback !== 'function') !== isConstant) continue;
      const value = typeof fallback === 'function' ? fallback(values) : fallback;
      values[name] = check(name, defaulted<unknown>(Reflect.get(given, name), value));
    }
  }
  const names = Object.keys(table);
  // The compiler cannot follow a loop over the names of a table.
  return Object.fromEntries(names.map((name) => [name, values[name]])) as Resolved<T>;
}
