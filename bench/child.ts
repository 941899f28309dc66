/** The program of a measured process: takes up a role of a benchmark, then answers calls until it is killed. */
import type { Calls, Role } from './processes.ts';

interface Call {
  readonly name: string;
  readonly argument: never;
}

const [file, name] = process.argv.slice(2);
const { roles }: { roles: Record<string, Role<Calls>> } = await import(`./${file}.js`);
const role = roles[String(name)];
if (role === undefined) throw new Error(`bench/${file}.ts has no role ${name}`);
const calls = await role();

process.on('message', (call: Call) => void answer(call));
// No process is left that could kill it.
process.on('disconnect', () => process.exit());
process.send?.({});

async function answer({ name, argument }: Call): Promise<void> {
  try {
    process.send?.({ value: await calls[name]?.(argument) });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : `${error}` });
  }
}
