/** Which folder may import which, as data. The arrows run one way: `src` <- `sim` <- `properties`; only a test imports a test. */

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
  /** Ends every refusal, so that its reader knows what would be lost. */
  readonly why: string;
}

/** The folders of the simulator, each knowing those before it: the arrows run one way. */
const order = [
  'sim/engine',
  'sim/process',
  'sim/network',
  'sim/platform',
  'sim/scenario',
  'sim/run',
  'sim/search',
  'sim/report',
] as const;

function upTo(folder: (typeof order)[number]): readonly string[] {
  return order.slice(0, order.indexOf(folder) + 1);
}

const shippedEntry = {
  imports: [...upTo('sim/run'), 'sim/index.ts'],
  packages: [],
  why: 'the entries of leaktight/sim ship the engine alone',
} as const;

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
    why: 'the metrics are an entry of their own, so that the registry does not need OpenTelemetry',
  },
  {
    path: 'sim/engine',
    imports: upTo('sim/engine'),
    packages: ['@sinonjs/fake-timers'],
    computedImports: true,
    why: 'the engine knows time, events and randomness, and nothing that is simulated on it',
  },
  {
    path: 'sim/process',
    imports: upTo('sim/process'),
    packages: [],
    why: 'a simulated process knows the engine, and no network',
  },
  {
    path: 'sim/network',
    imports: upTo('sim/network'),
    packages: [],
    why: 'the network knows the processes whose sockets it carries, and nothing of Node or of a scenario',
  },
  {
    path: 'sim/platform',
    imports: upTo('sim/platform'),
    packages: [],
    computedImports: true,
    why: 'what replaces Node is built on engine, process and network, and knows no scenario',
  },
  {
    path: 'sim/scenario',
    imports: upTo('sim/scenario'),
    packages: [],
    why: 'a scenario is plain JSON and knows nothing of how it is run',
  },
  {
    path: 'sim/run',
    imports: upTo('sim/run'),
    packages: [],
    why: 'a run knows the System contract and no system',
  },
  {
    path: 'sim/search',
    imports: upTo('sim/search'),
    packages: [],
    why: 'a search drives any System and knows none',
  },
  {
    path: 'sim/report',
    imports: upTo('sim/report'),
    packages: [],
    why: 'a report is made of a Run and of nothing else',
  },
  {
    path: 'sim/systems',
    imports: [...order, 'sim/systems', 'src'],
    packages: ['ws'],
    // A seeded bug is a patched copy of the sources, whose path is made up when it is written.
    computedImports: true,
    why: 'a system knows what simulates it, not the command line that asks for a run',
  },
  { path: 'sim/index.ts', ...shippedEntry },
  { path: 'sim/register.ts', ...shippedEntry },
  { path: 'sim/vitest.ts', ...shippedEntry },
  {
    path: 'sim/replay.ts',
    imports: [...upTo('sim/run'), 'sim/systems'],
    packages: [],
    why: 'a scenario file is run with any system, and those of the package are loaded by name',
  },
  {
    path: 'sim/cli',
    imports: [...order, 'sim/cli'],
    packages: ['cli-progress', 'commander', 'fastest-levenshtein'],
    why: 'the command line is handed the list of systems and knows none by name',
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
    imports: ['src', 'sim', 'properties', 'tools', 'bench', 'examples', 'test'],
    packages: 'any',
    computedImports: true,
    why: 'a test reads what the repository holds',
  },
  {
    path: 'bench',
    imports: ['src', 'sim', 'bench', 'tools/parse-arguments.ts'],
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
    path: 'tools',
    imports: ['src', 'sim', 'tools'],
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
