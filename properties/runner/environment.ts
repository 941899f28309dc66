/** What the environment says of a run of properties: which seed, how many runs, which counterexample, which bug. */

/** @param runs How many there are if the environment does not say. @default 100 */
export function runsFromEnvironment(runs = 100): number {
  const { LEAKTIGHT_RUNS: text } = process.env;
  if (text === undefined) return runs;
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new Error(`LEAKTIGHT_RUNS must be a positive integer, got ${text}`);
  return Number(text);
}

/** fast-check's seeds are 32 bits wide: of a commit hash the first, of an integer the last. @default 42 */
export function seedFromEnvironment(): number {
  const { LEAKTIGHT_SEED: text } = process.env;
  if (text === undefined) return 42;
  if (/^[0-9a-f]{40}$/i.test(text)) return Number.parseInt(text.slice(0, 8), 16) | 0;
  if (!/^-?\d{1,16}$/.test(text))
    throw new Error(`LEAKTIGHT_SEED must be an integer or a commit hash, got ${text}`);
  return Number(BigInt.asIntN(32, BigInt(text)));
}

/** The counterexample to go to at once, as a failure report names it. */
export function pathFromEnvironment(): { readonly path?: string } {
  const { LEAKTIGHT_PATH: path } = process.env;
  return path === undefined ? {} : { path };
}

/** Which commands of a sequence are left in that counterexample: a path alone does not say it. */
export function commandsFromEnvironment(): { readonly replayPath?: string } {
  const { LEAKTIGHT_COMMANDS: replayPath } = process.env;
  return replayPath === undefined ? {} : { replayPath };
}

/** The bug to plant in the registry, to see a property fail. @default none */
export function bugFromEnvironment(): string | null {
  return process.env.LEAKTIGHT_BUG ?? null;
}

/** What a failure report says of the counterexample that it shows. */
export interface Replayed {
  readonly seed: number;
  readonly counterexamplePath: string | null;
  /** Of a sequence of commands. */
  readonly commands?: string | undefined;
  readonly bug?: string | null | undefined;
}

/** Says in a failure report how its counterexample is seen again. */
export function replayLine(
  { seed, counterexamplePath, commands, bug }: Replayed,
  title: string,
): string {
  return [
    `LEAKTIGHT_SEED=${seed}`,
    `LEAKTIGHT_PATH=${counterexamplePath}`,
    ...(commands === undefined ? [] : [`LEAKTIGHT_COMMANDS=${commands}`]),
    ...(bug == null ? [] : [`LEAKTIGHT_BUG=${bug}`]),
    `npm run properties -- -t ${JSON.stringify(title)}`,
  ].join(' ');
}
