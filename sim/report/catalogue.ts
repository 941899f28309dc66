/** What there is to choose from: scenarios, seeded bugs and invariants, as three tables and as JSON. */

import { formatTable } from './format.ts';

export interface Catalogue {
  readonly scenarios: readonly { readonly name: string; readonly description: string }[];
  readonly bugs: readonly {
    readonly name: string;
    readonly description: string;
    readonly guarantees: readonly string[];
    /** Name of the invariant that must catch it. */
    readonly caughtBy: string;
  }[];
  readonly invariants: readonly {
    readonly name: string;
    readonly guarantee: string;
    readonly description: string;
  }[];
}

export function catalogueText({ scenarios, bugs, invariants }: Catalogue): string[] {
  return [
    'scenarios',
    ...formatTable([
      ['name', 'what happens'],
      ...scenarios.map(({ name, description }) => [name, description]),
    ]),
    '',
    'bugs',
    ...formatTable([
      ['name', 'guarantees', 'caught by', 'what goes wrong'],
      ...bugs.map(({ name, guarantees, caughtBy, description }) => [
        name,
        guarantees.join(' '),
        caughtBy,
        description,
      ]),
    ]),
    '',
    'invariants',
    ...formatTable([
      ['name', 'guarantee', 'what holds'],
      ...invariants.map(({ name, guarantee, description }) => [name, guarantee, description]),
    ]),
  ];
}

/** Only the fields that are promised: what else the objects carry (functions, for one) stays out. */
export function catalogueJson({ scenarios, bugs, invariants }: Catalogue): Catalogue {
  return {
    scenarios: scenarios.map(({ name, description }) => ({ name, description })),
    bugs: bugs.map(({ name, description, guarantees, caughtBy }) => ({
      name,
      description,
      guarantees: [...guarantees],
      caughtBy,
    })),
    invariants: invariants.map(({ name, guarantee, description }) => ({
      name,
      guarantee,
      description,
    })),
  };
}
