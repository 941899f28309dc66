/** Seeded chance during a run, the platform's own outside, and what happens when ws is loaded too early. */
import { execFile } from 'node:child_process';
import crypto, {
  getRandomValues as importedGetRandomValues,
  randomBytes,
  randomFill,
  randomFillSync,
  randomInt,
  randomUUID,
} from 'node:crypto';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { assertNotTooLate } from '../../sim/platform/install.ts';
import { runClean } from '../run/support.ts';

const execute = promisify(execFile);

/** One of each, in a form that can be compared. */
function drawAll(): unknown[] {
  return [
    Math.random(),
    randomBytes(8).toString('hex'),
    randomFillSync(Buffer.alloc(8)).toString('hex'),
    randomFillSync(Buffer.alloc(8), 2, 4).toString('hex'),
    randomFillSync(new Uint32Array(2)).join(),
    randomInt(1_000_000),
    randomInt(5, 1_000_000),
    randomUUID(),
    crypto.randomUUID({ disableEntropyCache: true }),
    globalThis.crypto.randomUUID(),
    globalThis.crypto.getRandomValues(new Uint8Array(8)).join(),
    importedGetRandomValues(new Uint16Array(4)).join(),
    crypto.getRandomValues(new Uint8Array(8)).join(),
    crypto.webcrypto.getRandomValues(new Uint8Array(8)).join(),
    Reflect.get(crypto, 'pseudoRandomBytes')(8).toString('hex'),
  ];
}

async function drawnIn(seed: number, host = 'a'): Promise<unknown[]> {
  const seen: unknown[] = [];
  const boot = () => {
    seen.push(...drawAll());
    const note = (name: string) => (_: unknown, value: unknown) => {
      seen.push(name, Buffer.isBuffer(value) ? value.toString('hex') : value, performance.now());
    };
    randomBytes(4, note('bytes'));
    randomInt(1_000, note('int'));
    randomInt(5, 1_000, note('range'));
    randomFill(Buffer.alloc(4), note('fill'));
    randomFill(Buffer.alloc(4), 2, note('from'));
    randomFill(Buffer.alloc(4), 1, 2, note('part'));
    seen.push('callbacks come later');
    setTimeout(() => seen.push(...drawAll()), 10);
  };
  await runClean({ [host]: boot }, { seed });
  return seen;
}

test('all chance in a run comes from its seed', async () => {
  const first = await drawnIn(7);
  const again = await drawnIn(7);

  expect(first).toHaveLength(49);
  expect(again).toEqual(first);
});

test('another seed, and another host, gives other chance everywhere', async () => {
  const draws = [await drawnIn(7), await drawnIn(8), await drawnIn(7, 'b')];

  for (let index = 0; index < 15; index++) {
    expect(new Set(draws.map((values) => values[index])).size, `draw ${index}`).toBe(3);
  }
});

test('the callback forms answer later, in the order of the calls', async () => {
  const seen = await drawnIn(7);

  const names = seen.filter((value) => typeof value === 'string' && /^[a-z ]{3,}$/.test(value));
  expect(names).toEqual(['callbacks come later', 'bytes', 'int', 'range', 'fill', 'from', 'part']);
});

test('what is drawn keeps its form and its range', async () => {
  const seen: { uuid: string; ints: number[]; parts: number[] }[] = [];
  await runClean({
    a: () => {
      const ints = Array.from({ length: 1_000 }, () => randomInt(3, 6));
      seen.push({ uuid: randomUUID(), ints, parts: [...randomFillSync(Buffer.alloc(6), 2, 2)] });
    },
  });

  expect(seen[0]?.uuid).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(new Set(seen[0]?.ints)).toEqual(new Set([3, 4, 5]));
  expect(seen[0]?.parts.filter((byte) => byte === 0).length).toBeGreaterThanOrEqual(4);
});

test('wrong arguments get the errors of the platform', async () => {
  const codes: unknown[] = [];
  const codeOf = (body: () => unknown) => {
    try {
      body();
      codes.push('none');
    } catch (error) {
      codes.push(
        error instanceof DOMException ? error.name : (error as NodeJS.ErrnoException).code,
      );
    }
  };
  await runClean({
    a: () => {
      codeOf(() => randomBytes(-1));
      codeOf(() => randomInt(5, 5));
      codeOf(() => randomFillSync(Buffer.alloc(4), 9));
      codeOf(() => randomFillSync(Buffer.alloc(4), 2, 9));
      codeOf(() => globalThis.crypto.getRandomValues(new Uint8Array(65_537)));
      codeOf(() => Reflect.apply(globalThis.crypto.getRandomValues, globalThis.crypto, [[1]]));
    },
  });

  expect(codes).toEqual([
    'ERR_OUT_OF_RANGE',
    'ERR_OUT_OF_RANGE',
    'ERR_OUT_OF_RANGE',
    'ERR_OUT_OF_RANGE',
    'QuotaExceededError',
    'TypeMismatchError',
  ]);
});

test("outside a run chance is the platform's", async () => {
  await drawnIn(7);

  const draws = [drawAll(), drawAll()];
  const later = await new Promise((resolve) => randomBytes(4, (_, bytes) => resolve(bytes)));

  for (let index = 0; index < 15; index++) {
    expect(draws[0]?.[index], `draw ${index}`).not.toEqual(draws[1]?.[index]);
  }
  expect(later).toHaveLength(4);
});

test('chance of the engine itself, outside any host, is seeded too', async () => {
  const draw = async () => {
    const seen: unknown[] = [];
    await runClean({}, { setUp: () => void seen.push(...drawAll()) });
    return seen;
  };

  expect(await draw()).toEqual(await draw());
});

test('ws among the loaded modules is an error that says what to do', () => {
  const loaded = ['/app/main.js', '/app/node_modules/ws/lib/websocket.js'];

  expect(() => assertNotTooLate(loaded)).toThrow(
    /ws was loaded before the simulator \(\/app\/node_modules\/ws\/lib\/websocket\.js\).*--import/,
  );
  expect(() => assertNotTooLate(['C:\\app\\node_modules\\ws\\index.js'])).toThrow(
    /too early|before/,
  );
  expect(() => assertNotTooLate(['/app/node_modules/ws-pool/index.js'])).not.toThrow();
});

test('a program that imports ws first is told so', async () => {
  const program = `import 'ws';
    await import('./sim/run/simulate-system.ts').catch((error) => console.log(error.code, error.message));`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', program];

  const { stdout } = await execute(process.execPath, args, { cwd: process.cwd() });

  expect(stdout).toMatch(/^ERR_SIM_LOADED_TOO_EARLY ws was loaded before the simulator/);
  expect(stdout).toContain('setupFiles');
});

test('a program that loads the simulator first may import ws later', async () => {
  const program = `await import('./sim/run/simulate-system.ts'); await import('ws'); console.log('fine');`;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', program];

  const { stdout } = await execute(process.execPath, args, { cwd: process.cwd() });

  expect(stdout.trim()).toBe('fine');
});
