/** Files and names of hosts: answered in virtual time, in the order of the calls, as the platform would answer. */
import dns, { lookup as importedLookup } from 'node:dns';
import fs, { readFile as importedReadFile } from 'node:fs';
import { readFile as importedPromise } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { currentProcess } from '../../sim/process/simulated-process.ts';
import { now, type RunOptions, run, runClean } from '../run/support.ts';

const folder = fs.mkdtempSync(join(tmpdir(), 'leaktight-files-'));
const file = join(folder, 'file.txt');
fs.writeFileSync(file, 'content');
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** What a body running on a host saw. */
async function onHost(
  body: (note: (what: unknown) => void) => unknown,
  options: RunOptions = {},
): Promise<unknown[]> {
  const seen: unknown[] = [];
  await runClean({ a: () => void body((what) => seen.push(what)), b: () => {} }, options);
  return seen;
}

test('files are read at once and told of later, in the order of the calls and without time going on', async () => {
  const seen = await onHost(async (note) => {
    fs.readFile(file, 'utf8', (error, text) =>
      note([error, text, now(), currentProcess()?.host.name]),
    );
    importedReadFile(file, (_, bytes) => note(String(bytes)));
    fs.stat(file, (_, stats) => note(stats.size));
    fs.exists(file, note);
    note('called');
    note(await importedPromise(file, 'utf8'));
    note(await fs.promises.readdir(folder));
    note(await promisify(fs.exists)(file));
    note(await promisify(fs.readFile)(file, 'utf8'));
  });

  expect(seen).toEqual([
    ...['called', [null, 'content', 0, 'a'], 'content', 7, true],
    ...['content', ['file.txt'], true, 'content'],
  ]);
});

test('what is wrong with a file is said as by the platform', async () => {
  const missing = join(folder, 'missing');
  const seen = await onHost(async (note) => {
    fs.readFile(missing, (error) => note(error?.code));
    await fs.promises.readFile(missing).catch((error) => note(error.code));
    fs.exists(missing, note);
  });

  expect(seen).toEqual(['ENOENT', 'ENOENT', false]);
});

test('streams of files, and descriptors, work in a run', async () => {
  const copy = join(folder, 'copy.txt');
  const seen = await onHost((note) => {
    fs.createReadStream(file)
      .pipe(fs.createWriteStream(copy))
      .on('finish', () => {
        note(fs.readFileSync(copy, 'utf8'));
        fs.open(copy, (_, fd) => {
          fs.read(fd, (_error, bytesRead, buffer) => {
            note([bytesRead, String(buffer.subarray(0, bytesRead))]);
            fs.close(fd, () => fs.unlink(copy, () => note(fs.existsSync(copy))));
          });
        });
      });
  });

  expect(seen).toEqual(['content', [7, 'content'], false]);
});

test('what a process reads when it dies is never told', async () => {
  const seen = await onHost((note) => setTimeout(() => fs.readFile(file, () => note('told')), 50), {
    beforeChecks: (world) => void (world.nowMs === 50 && world.kill(world.host('a'))),
  });

  expect(seen).toEqual([]);
});

test('names of hosts are looked up in the run', async () => {
  const seen = await onHost(async (note) => {
    dns.lookup('b', (...answer) => note(answer));
    importedLookup('b', { all: true }, (...answer) => note(answer));
    dns.lookup('localhost', (_, address) => note(address));
    dns.lookup('nowhere', (error) => note([error?.code, error?.syscall]));
    note(await dns.promises.lookup('b'));
    note(await promisify(dns.lookup)('10.1.2.3'));
  });

  expect(seen).toEqual([
    [null, '10.0.0.2', 4],
    [null, [{ address: '10.0.0.2', family: 4 }]],
    '127.0.0.1',
    ['ENOTFOUND', 'getaddrinfo'],
    { address: '10.0.0.2', family: 4 },
    { address: '10.1.2.3', family: 4 },
  ]);
});

test('a FileHandle is refused, since its methods cannot be governed', async () => {
  const outcome = await run({ a: () => void fs.promises.open(file).catch(() => {}) });

  expect(outcome.failure?.detail).toMatch(/fs\.promises\.open\(\) would leave the simulation/);
});

test('outside a run files are read by the platform', async () => {
  expect(await fs.promises.readFile(file, 'utf8')).toBe('content');
  expect(await promisify(fs.readFile)(file, 'utf8')).toBe('content');
  expect(await promisify(fs.exists)(file)).toBe(true);
});
