/**
 * The contract between a simulated system and the simulator. Everything that runs on the simulator is a `System`; the
 * run, the searches, the reports and the command line use nothing else of it.
 */
import type { Scenario } from '../scenario/scenario.ts';
import type { Invariant } from './invariant.ts';
import type { ScenarioShape } from './scenario-shape.ts';
import type { SimulatedSystem } from './simulated-system.ts';
import type { SmallUniverse } from './small-universe.ts';

export interface System {
  /** Names it on the command line and in scenario files. */
  readonly name: string;
  /** One sentence that describes what runs, and on what. */
  readonly description: string;
  /** The families of scenarios that seeds can become. The first one is the default. */
  readonly families: readonly ScenarioFamily[];
  /** How its scenarios are validated, shrunk, and given another bug. */
  readonly shape: ScenarioShape;
  /** The invariants that are listed: those of `prepare`, and those of the engine that this system can break. */
  readonly oracles: readonly Oracle[];
  readonly figures: Figures;
  /** Mistakes that can be planted in it, each with the oracle that must catch it. */
  readonly bugs?: readonly ListedBug[];
  /** Mistakes that no scenario shows and a property catches. They are listed; no run is made with them. */
  readonly propertyBugs?: readonly ListedPropertyBug[];
  /** The world of its exhaustive search. The paths are seeds of the family with its name. */
  readonly smallUniverse?: SmallUniverse;
  /** The values of its own options that it was made with: see `SystemEntry`. */
  readonly options?: OptionValues;
  /** Where a test imports the system from, when it is not one of the package's own: see `SystemModule`. */
  readonly module?: SystemModule;
  /** Describes a scenario for a reader, in rows of a label and a value. */
  describe(scenario: Scenario): readonly (readonly [label: string, value: string])[];
  /** Makes the hosts and the invariants of one run. It is called for every run, so runs share no state. */
  prepare(scenario: Scenario): Promise<PreparedSystem>;
}

/** Scenarios of one kind: a seed is one of them. */
export interface ScenarioFamily<S extends Scenario = Scenario> {
  readonly name: string;
  readonly description: string;
  /**
   * States that its runs must reach sometimes, by their names in `World.sometimes`. A long campaign fails if it does
   * not reach one of them.
   */
  readonly sometimes?: readonly string[];
  /** The same seed always makes the same scenario. */
  make(seed: number, options?: { readonly bug?: string }): S;
}

/** An invariant as reports list it. */
export type Oracle = Pick<Invariant<never>, 'name' | 'guarantee' | 'description'>;

/** A seeded bug as reports list it. */
export interface ListedBug {
  readonly name: string;
  readonly description: string;
  readonly guarantees: readonly string[];
  /** Name of the invariant that must catch it. */
  readonly caughtBy: string;
}

/** A seeded bug that needs an input which no scenario has. */
export interface ListedPropertyBug extends Omit<ListedBug, 'caughtBy'> {
  /** Title of the property that must catch it. */
  readonly caughtBy: { readonly property: string };
}

/**
 * How reports show the metrics of a system. Metrics that are not named here are shown after them, under their own
 * names.
 */
export interface Figures {
  /** The metrics that are shown first, in this order. */
  readonly rows: readonly FigureRow[];
  /** Metrics that the JSON forms repeat beside the events and the bytes, with 0 where they were not counted. */
  readonly summary: readonly string[];
}

/** One row of a report, with the metrics that belong in it. */
export interface FigureRow {
  /** Name of the metric. */
  readonly name: string;
  readonly label: string;
  /** The metric with the upper limit: `18 of 20`. */
  readonly of?: string;
  /** The metric with the lowest number at which it happened, and its unit: `from 12 on`. */
  readonly from?: { readonly name: string; readonly unit: string };
  /** The metric with its longest duration, in milliseconds: `longest 4 s`. */
  readonly longest?: string;
}

/** The export of a module that is the system. */
export interface SystemModule {
  /** A package's entry, or a path from the folder in which the command was called. */
  readonly specifier: string;
  readonly name: string;
}

/** The live part of a system and its invariants, for one run. */
export interface PreparedSystem<Live extends SimulatedSystem = SimulatedSystem> {
  readonly system: Live;
  readonly invariants: readonly Invariant<Live>[];
}

/** An entry in the list of systems: what the command line must know before it makes the system. */
export interface SystemEntry {
  /** Name of the system. */
  readonly name: string;
  /** The sub-command that runs it. */
  readonly command: string;
  /** One sentence, for the help. */
  readonly description: string;
  /** Name of the family that runs when none is named. */
  readonly defaultScenario: string;
  /** Options of this system, in addition to those of all systems. */
  readonly options: readonly SystemOption[];
  /** Makes the system, in the thread of the command and in each worker thread. */
  open(options: OptionValues): System;
}

/** An option of one system, as the help shows it. */
export interface SystemOption {
  /** `--server <file>` */
  readonly flags: string;
  readonly description: string;
}

/** The given values of one system's options, by their names in camel case. */
export type OptionValues = Readonly<Record<string, string>>;

/** Enough to make a system again in a worker thread. Plain data. */
export interface SystemReference {
  readonly name: string;
  readonly options: OptionValues;
}

export function referenceTo({ name, options = {} }: System): SystemReference {
  return { name, options };
}

/** @throws {Error} when the list has no system of that name. */
export function openSystem(entries: readonly SystemEntry[], reference: SystemReference): System {
  const entry = entries.find(({ name }) => name === reference.name);
  if (entry === undefined) throw new Error(`there is no system '${reference.name}' in the list`);
  return entry.open(reference.options);
}
