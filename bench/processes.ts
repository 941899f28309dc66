/**
 * The processes that are measured. Each is a fresh one with plain JavaScript in it: what a loader puts around functions
 * to keep their names would be measured too. Owns the compilation and the calls; what is called is in `roles` of the
 * benchmarks.
 */
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Functions of a role, called from another process: one argument, which JSON can hold, like the result. */
export type Calls = Readonly<Record<string, (argument: never) => unknown>>;

/** What runs in a process of its own. */
export type Role<C extends Calls> = (() => C) | (() => Promise<C>);

interface Answer {
  readonly value?: unknown;
  readonly error?: string;
}

export class Laboratory implements Disposable {
  /** Smaller and fewer: to see that it works, not for figures to quote. */
  readonly quick: boolean;
  readonly notes: string[] = [];
  readonly #folder: string;
  readonly #report: (progress: string) => void;

  constructor(quick: boolean, report: (progress: string) => void) {
    this.quick = quick;
    this.#report = report;
    this.#folder = compile();
  }

  progress(text: string): void {
    this.#report(text);
  }

  /** Printed below the table, once. */
  note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
  }

  /** Starts the role `name` of the file `bench/<file>.ts`. */
  start<C extends Calls>(
    file: string,
    name: string,
    flags: readonly string[] = [],
  ): Promise<Process<C>> {
    const program = join(this.#folder, 'bench', 'child.js');
    const child = fork(program, [file, name], {
      execArgv: [...flags],
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    return Process.ready<C>(child);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export class Process<C extends Calls> implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()));
  }

  static async ready<C extends Calls>(child: ChildProcess): Promise<Process<C>> {
    const started = new Process<C>(child);
    await started.#answer();
    return started;
  }

  /** One call at a time. */
  async call<K extends keyof C & string>(
    name: K,
    ...[argument]: Parameters<C[K]>
  ): Promise<Awaited<ReturnType<C[K]>>> {
    this.#child.send({ name, argument });
    const value = await this.#answer();
    return value as Awaited<ReturnType<C[K]>>;
  }

  #answer(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const exited = (code: number | null, signal: string | null): void =>
        reject(new Error(`a measured process ended with ${code ?? signal} before it answered`));
      this.#child.once('exit', exited);
      this.#child.once('message', (answer: Answer) => {
        this.#child.off('exit', exited);
        if (answer.error === undefined) resolve(answer.value);
        else reject(new Error(answer.error));
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#exited;
  }
}

/** Into a folder from which `ws` is found, and which no check looks at. */
function compile(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const cache = join(here, '..', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'bench-'));
  const compiler = join(
    dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
    'bin/tsc',
  );
  execFileSync(process.execPath, [compiler, '-p', here, '--outDir', folder], { stdio: 'inherit' });
  return folder;
}
