/** What there is to choose from in a system: scenarios, seeded bugs and invariants, as three tables and as JSON. */
import type {
  ListedBug,
  ListedPropertyBug,
  Oracle,
  ScenarioFamily,
  System,
} from '../run/system.ts';
import { formatTable } from './format.ts';

type Listed = Pick<System, 'families' | 'bugs' | 'propertyBugs' | 'oracles'>;

/** The `--json` form. Field names are a promise: they only grow. */
export interface CatalogueJson {
  readonly scenarios: readonly Pick<ScenarioFamily, 'name' | 'description'>[];
  readonly bugs: readonly ListedBug[];
  readonly propertyBugs: readonly ListedPropertyBug[];
  readonly invariants: readonly Oracle[];
}

export function catalogueText(listed: Listed): string[] {
  const { families, bugs = [], propertyBugs = [], oracles } = listed;
  return [
    'scenarios',
    ...formatTable([
      ['name', 'what happens'],
      ...families.map(({ name, description }) => [name, description]),
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
      ...propertyBugs.map(({ name, guarantees, caughtBy, description }) => [
        name,
        guarantees.join(' '),
        `property: ${caughtBy.property}`,
        description,
      ]),
    ]),
    '',
    'invariants',
    ...formatTable([
      ['name', 'guarantee', 'what holds'],
      ...oracles.map(({ name, guarantee, description }) => [name, guarantee, description]),
    ]),
  ];
}

/** Only the fields that are promised: what else the objects carry (functions, for one) stays out. */
export function catalogueJson(listed: Listed): CatalogueJson {
  const { families, bugs = [], propertyBugs = [], oracles } = listed;
  return {
    scenarios: families.map(({ name, description }) => ({ name, description })),
    bugs: bugs.map(promisedFields),
    propertyBugs: propertyBugs.map(promisedFields),
    invariants: oracles.map(({ name, guarantee, description }) => ({
      name,
      guarantee,
      description,
    })),
  };
}

function promisedFields<Caught>({
  name,
  description,
  guarantees,
  caughtBy,
}: Omit<ListedBug, 'caughtBy'> & { readonly caughtBy: Caught }) {
  return { name, description, guarantees: [...guarantees], caughtBy };
}
