/** What the environment says of a run of properties: which seed, how many runs, which counterexample. */

/** @default 100 */
export function runsFromEnvironment(): number {
  const { LEAKTIGHT_RUNS: text } = process.env;
  if (text === undefined) return 100;
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new Error(`LEAKTIGHT_RUNS must be a positive integer, got ${text}`);
  return Number(text);
}

/** fast-check seeds are 32 bits wide; a commit hash gives its first 32. @default 42 */
export function seedFromEnvironment(): number {
  const { LEAKTIGHT_SEED: text } = process.env;
  if (text === undefined) return 42;
  if (/^[0-9a-f]{40}$/i.test(text)) return Number.parseInt(text.slice(0, 8), 16) | 0;
  if (!/^-?\d{1,10}$/.test(text))
    throw new Error(`LEAKTIGHT_SEED must be an integer or a commit hash, got ${text}`);
  return Number(text);
}

/** The counterexample to go to at once, as a failure report names it. */
export function pathFromEnvironment(): { readonly path?: string } {
  const { LEAKTIGHT_PATH: path } = process.env;
  return path === undefined ? {} : { path };
}

/** Says in a failure report how its counterexample is seen again. */
export function replayLine(
  { seed, counterexamplePath }: { readonly seed: number; readonly counterexamplePath: unknown },
  title: string,
): string {
  return (
    `LEAKTIGHT_SEED=${seed} LEAKTIGHT_PATH=${counterexamplePath} ` +
    `npm run properties -- -t ${JSON.stringify(title)}`
  );
}
