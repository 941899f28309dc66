/** Mistakes that a simulated socket could make, planted in a copy of the engine. The engine has no hook for them. */
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { simulateSystem } from '../../../sim/run/simulate-system.ts';
import { copyOf, readSources, replaceOnce } from '../../../sim/systems/patched-copy.ts';

export interface Defect {
  readonly name: string;
  /** Titles of scripts that must notice. */
  readonly noticedBy: readonly string[];
  readonly patches: readonly Patch[];
}

interface Patch {
  /** Below `sim/`. */
  readonly file: string;
  /** Must occur exactly once. */
  readonly find: string;
  readonly replace: string;
}

export const defects: readonly Defect[] = [
  {
    name: 'a FIN is lost',
    noticedBy: ['destroy lets the peer see an end', 'a socket that no code reads still ends'],
    patches: [
      {
        file: 'network/tcp/sender.ts',
        find: "      this.#transmission.send('fin');\n",
        replace: '',
      },
    ],
  },
  {
    name: 'a reset is delivered as an end',
    noticedBy: [
      'resetAndDestroy is a reset for the peer',
      'destroy with unread data is a reset for the peer',
    ],
    patches: [
      {
        file: 'network/tcp/endpoint.ts',
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
        file: 'network/tcp/send-buffer.ts',
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
        file: 'network/tcp/endpoint.ts',
        find: '  close(reset: boolean): void {\n',
        replace: '  close(reset: boolean): void {\n    (this as any).destroyed = this.socket;\n',
      },
      {
        file: 'network/tcp/endpoint.ts',
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
        file: 'network/tcp/send-buffer.ts',
        find: 'const room = this.#roomBytes - this.waitingBytes - this.inFlightBytes;',
        replace: 'const room = bytes.length;',
      },
    ],
  },
];

const sources = fileURLToPath(new URL('../../../sim/', import.meta.url));
/** Inside the package, so that the copy finds fake-timers; ignored by git. */
const cache = fileURLToPath(new URL('../../../.cache/defects/', import.meta.url));

/** The engine with a defect. It shares with the sound one what there is once in a process, its shims among it. */
export async function simulateWith({
  name,
  patches,
}: Pick<Defect, 'name' | 'patches'>): Promise<typeof simulateSystem> {
  const texts = new Map(
    [...readSources(sources)].filter(([file]) => !/^(systems|cli|report|search)/.test(file)),
  );
  for (const { file, find, replace } of patches) {
    const what = `defect "${name}": its patch of ${file}`;
    texts.set(file, replaceOnce(what, texts.get(file) ?? '', find, replace));
  }
  const folder = copyOf(texts, cache, name.replaceAll(' ', '-'));
  const engine = await import(
    /* @vite-ignore */ pathToFileURL(join(folder, 'run/simulate-system.ts')).href
  );
  return engine.simulateSystem;
}
