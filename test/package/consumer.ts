/** A project that has installed the packed tarball and knows nothing of this repository. Holds no assertions. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inject } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export class Consumer implements Disposable {
  /** Outside the repository, or a package that was never installed would be found there. */
  readonly folder = mkdtempSync(join(tmpdir(), 'leaktight-consumer-'));

  /** Takes a package from this repository's own: nothing is fetched. */
  link(...packages: readonly string[]): this {
    for (const name of packages) {
      const link = join(this.folder, 'node_modules', name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(root, 'node_modules', name), link, 'junction');
    }
    return this;
  }

  write(name: string, text: string): string {
    const file = join(this.folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  node(...args: readonly string[]): Promise<Output> {
    return this.#run(process.execPath, args);
  }

  tsc(...args: readonly string[]): Promise<Output> {
    return this.#run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...args]);
  }

  async #run(file: string, args: readonly string[]): Promise<Output> {
    // Its own warnings are the consumer's; ours would be about the test runner.
    const { NODE_OPTIONS: _, ...env } = process.env;
    try {
      const output = await run(file, [...args], { cwd: this.folder, env });
      return { code: 0, ...output };
    } catch (error) {
      return error as Output;
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Installs the tarball with npm and no network. The peers are the consumer's own business: link them. */
export async function installPackage(): Promise<Consumer> {
  const consumer = new Consumer();
  consumer.write('package.json', '{ "private": true }\n');
  const args = ['install', '--offline', '--ignore-scripts', '--legacy-peer-deps', '--no-audit'];
  await run('npm', [...args, '--no-fund', inject('tarball')], {
    cwd: consumer.folder,
    shell: process.platform === 'win32',
  });
  return consumer;
}
