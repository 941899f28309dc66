/** The arguments of a command line, for the programs that measure and check this package. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

type Parsed<T extends ParseArgsConfig> = ReturnType<typeof parseArgs<T>>;

/** Ends the process with 2 and the usage when an argument is none of `config`. */
export function parseWords<const T extends ParseArgsConfig>(usage: string, config: T): Parsed<T> {
  try {
    return parseArgs<T>(config);
  } catch (error) {
    return refuseUsage(String((error as Error).message).split('\n', 1)[0] ?? '', usage);
  }
}

export function refuseUsage(problem: string, usage: string): never {
  console.error(`error: ${problem}\n${usage}`);
  process.exit(2);
}
