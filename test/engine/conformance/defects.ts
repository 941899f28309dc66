/** Mistakes that a simulated socket could make, planted in a copy of the engine. The engine has no hook for them. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { simulateSystem } from '../../../sim/engine/simulate.ts';

export interface Defect {
  readonly name: string;
  /** Titles of scripts that must notice. */
  readonly noticedBy: readonly string[];
  readonly patches: readonly Patch[];
}

interface Patch {
  /** Below `sim/engine/`. */
  readonly file: string;
  /** Must occur exactly once. */
  readonly find: string;
  readonly replace: string;
}

export const defects: readonly Defect[] = [
  {
    name: 'a FIN is lost',
    noticedBy: ['destroy lets the peer see an end', 'a socket that nobody reads still ends'],
    patches: [{ file: 'tcp/sender.ts', find: "      this.#send('fin');\n", replace: '' }],
  },
  {
    name: 'a reset is delivered as an end',
    noticedBy: [
      'resetAndDestroy is a reset for the peer',
      'destroy with unread data is a reset for the peer',
    ],
    patches: [
      {
        file: 'tcp/endpoint.ts',
        find: "peer.fail(systemError('ECONNRESET', 'read'))",
        replace: "peer.receive('fin')",
      },
    ],
  },
  {
    name: 'a write is called done before the kernel has taken it',
    noticedBy: ['a writer waits for a reader that does not read, and hears drain when it does'],
    patches: [
      {
        file: 'tcp/send-buffer.ts',
        find: '    this.#blocked = { bytes, done };\n  }',
        replace: `    const before = this.#blocked?.bytes ?? new Uint8Array(0);
    this.#blocked = { bytes: Buffer.concat([before, bytes]), done: () => {} };
    done();
  }`,
      },
    ],
  },
  {
    name: 'data arrives after destroy',
    noticedBy: ['data to a peer that has closed is answered with a reset'],
    patches: [
      {
        file: 'tcp/endpoint.ts',
        find: '  close(reset: boolean): void {\n',
        replace: '  close(reset: boolean): void {\n    (this as any).destroyed = this.socket;\n',
      },
      {
        file: 'tcp/endpoint.ts',
        find: "  receive(segment: Uint8Array | 'fin'): void {\n",
        replace:
          "  receive(segment: Uint8Array | 'fin'): void {\n    if (isData(segment)) (this as any).destroyed?.emit('data', segment);\n",
      },
    ],
  },
  {
    name: 'there is no backpressure',
    noticedBy: ['a writer waits for a reader that does not read, and hears drain when it does'],
    patches: [
      {
        file: 'tcp/send-buffer.ts',
        find: 'const room = this.#roomBytes - this.waitingBytes - this.inFlightBytes;',
        replace: 'const room = bytes.length;',
      },
    ],
  },
];

const sources = fileURLToPath(new URL('../../../sim/engine/', import.meta.url));
/** Inside the package, so that the copy finds fake-timers; ignored by git. */
const cache = fileURLToPath(new URL('../../../.cache/defects/', import.meta.url));

/** The engine with a defect. It shares with the sound one what there is once in a process, its shims among it. */
export async function simulateWith({ name, patches }: Defect): Promise<typeof simulateSystem> {
  const texts = readSources();
  for (const { file, find, replace } of patches) {
    const text = texts.get(file) ?? '';
    const matches = text.split(find).length - 1;
    if (matches !== 1) {
      throw new Error(`defect "${name}": its patch of ${file} matches ${matches} times, not once`);
    }
    texts.set(
      file,
      text.replace(find, () => replace),
    );
  }
  const hash = createHash('sha256');
  for (const [file, text] of texts) hash.update(`${file}\0${text}\0`);
  const folder = join(cache, hash.digest('hex').slice(0, 16));
  if (!existsSync(folder)) writeCopy(folder, texts);
  const engine = await import(/* @vite-ignore */ pathToFileURL(join(folder, 'simulate.ts')).href);
  return engine.simulateSystem;
}

function readSources(): Map<string, string> {
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' });
  const names = files.filter((file) => file.endsWith('.ts')).sort();
  return new Map(names.map((file) => [file, readFileSync(join(sources, file), 'utf8')]));
}

/** Written aside and renamed: another process may be planting the same defect. */
function writeCopy(folder: string, texts: ReadonlyMap<string, string>): void {
  const draft = `${folder}.${process.pid}`;
  for (const [file, text] of texts) {
    mkdirSync(dirname(join(draft, file)), { recursive: true });
    writeFileSync(join(draft, file), text);
  }
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}
