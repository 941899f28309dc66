/** Who may import whom, as data. The arrows run one way: `src` <- `sim` <- `properties`; nobody imports a test. */

/** One part of the repository. A file belongs to the layer with the longest `path` that holds it. */
export interface Layer {
  /** A folder or a file, from the root of the repository. `''` holds the files of the root itself. */
  readonly path: string;
  /** Folders and files that it may import from. Its own is not implied. */
  readonly imports: readonly string[];
  /** Packages that it may import. Node's own modules are always allowed, under their `node:` names. */
  readonly packages: readonly string[] | 'any';
  /** Whether it may import what is not known before it runs. Such an import cannot be checked here. */
  readonly computedImports?: true;
  /** Ends every refusal, so that whoever meets one knows what would be lost. */
  readonly why: string;
}

const shippedEntry = {
  imports: ['sim/engine', 'sim/index.ts'],
  packages: [],
  why: 'the entries of leaktight/sim ship the engine alone',
} as const;

/** The search itself, without the small worlds that there are. */
const search = ['sim/explore/report.ts', 'sim/explore/search.ts', 'sim/explore/universe.ts'];

export const layers: readonly Layer[] = [
  {
    path: 'src',
    imports: ['src'],
    packages: ['ws'],
    why: 'the registry ships alone and knows nothing of what proves it',
  },
  {
    path: 'src/telemetry/otel.ts',
    imports: ['src'],
    packages: ['@opentelemetry/api'],
    why: 'the metrics are an entry of their own, so that nobody needs OpenTelemetry for the registry',
  },
  {
    path: 'sim/engine',
    imports: ['sim/engine'],
    packages: ['@sinonjs/fake-timers'],
    computedImports: true,
    why: 'the engine simulates any server and knows nothing of the registry',
  },
  { path: 'sim/index.ts', ...shippedEntry },
  { path: 'sim/register.ts', ...shippedEntry },
  { path: 'sim/vitest.ts', ...shippedEntry },
  {
    path: 'sim/report',
    imports: ['sim/engine', 'sim/report', 'sim/shrink'],
    packages: [],
    why: 'a report is made of an Outcome and of nothing else',
  },
  {
    path: 'sim/registry',
    imports: ['src', 'sim/engine', 'sim/registry'],
    packages: ['ws'],
    // A seeded bug is a patched copy of the sources, whose path is made up when it is written.
    computedImports: true,
    why: 'the registry as system under test knows the engine and src, not who asks for a run',
  },
  {
    path: 'sim/explore',
    imports: [...search, 'sim/engine', 'sim/report'],
    packages: [],
    why: 'a search knows that there is a small world, not whose it is',
  },
  {
    path: 'sim/explore/registry',
    imports: [...search, 'sim/explore/registry', 'sim/engine', 'sim/registry'],
    packages: [],
    why: 'the small world of the registry is made of what simulates it',
  },
  {
    path: 'sim/shrink',
    imports: ['sim/engine', 'sim/shrink'],
    packages: [],
    why: 'shrinking is told how the scenarios of a system come apart, and knows no system',
  },
  {
    path: 'sim/corpus',
    imports: ['sim/corpus', 'sim/engine'],
    packages: [],
    why: 'a file of a scenario is read the same way whatever it is a scenario of',
  },
  {
    path: 'sim/corpus/replay.ts',
    imports: ['sim/corpus', 'sim/engine', 'sim/registry'],
    packages: [],
    why: 'a test that replays a file runs the registry',
  },
  {
    path: 'sim/cli',
    imports: [...search, 'sim/cli', 'sim/corpus', 'sim/engine', 'sim/report', 'sim/shrink'],
    packages: ['cli-progress', 'commander', 'fastest-levenshtein'],
    why: 'the command line is handed its lab, so that it can be tested without one',
  },
  {
    path: 'sim/cli.ts',
    imports: ['sim'],
    packages: [],
    why: 'the program binds what is in sim',
  },
  {
    path: 'properties',
    imports: ['src', 'sim', 'properties'],
    packages: 'any',
    why: 'a property is a claim about src and sim',
  },
  {
    path: 'test',
    imports: ['src', 'sim', 'properties', 'scripts', 'bench', 'examples', 'test'],
    packages: 'any',
    computedImports: true,
    why: 'a test reads what the repository holds',
  },
  {
    path: 'bench',
    imports: ['src', 'sim', 'bench'],
    packages: 'any',
    computedImports: true,
    why: 'a benchmark measures what ships',
  },
  {
    path: 'examples',
    imports: ['src', 'sim/index.ts', 'examples'],
    packages: 'any',
    why: 'an example uses what a user has',
  },
  {
    path: 'scripts',
    imports: ['src', 'sim', 'scripts'],
    packages: 'any',
    computedImports: true,
    why: 'a script works on the sources',
  },
  { path: '', imports: [], packages: 'any', why: 'a configuration stands alone' },
];

/** The layer that `file` belongs to, or nothing when it is in a folder that no layer speaks of. */
export function layerOf(file: string, all: readonly Layer[] = layers): Layer | undefined {
  return all
    .filter(({ path }) => (path === '' ? !file.includes('/') : holds(path, file)))
    .sort((a, b) => b.path.length - a.path.length)[0];
}

/** Whether `file` is `path` or inside it. */
export function holds(path: string, file: string): boolean {
  return file === path || file.startsWith(`${path}/`);
}
