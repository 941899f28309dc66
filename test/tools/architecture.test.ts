import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkArchitecture, checkCycles } from '../../tools/architecture/check.ts';
import { layers } from '../../tools/architecture/layers.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'leaktight-architecture-'));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

/** Writes a repository of one file, and an empty one wherever it imports from. Returns the refusals as text. */
function check(file: string, text: string): string[] {
  for (const target of [
    'src/index.ts',
    'sim/engine/run.ts',
    'sim/systems/registry/index.ts',
    'test/a.ts',
  ]) {
    write(target, '');
  }
  write(file, text);
  const problems = checkArchitecture(root, { layers, allowances: [] });
  return problems.map(({ file, line, message }) => `${file}:${line} ${message}`);
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

test('the repository itself keeps its rules', () => {
  expect(checkArchitecture(process.cwd())).toEqual([]);
});

describe('an import cycle is found', () => {
  test.each([
    ['of values', `import { b } from './b.ts';`],
    ['of types', `import type { B } from './b.ts';`],
    ['through `export *`', `export * from './b.ts';`],
    ['through a dynamic import', `await import('./b.ts');`],
    ['through the type of an import', `type B = import('./b.ts').B;`],
    ['through the name of the package', `import 'leaktight/sim';`],
  ])('a cycle %s is found', (_what, text) => {
    write('src/a.ts', text);
    write('src/b.ts', `export * from './a.ts';`);
    write('sim/index.ts', `export * from '../src/b.ts';`);

    expect(checkCycles(root)).toHaveLength(1);
  });

  test('the problem names the whole cycle, once', () => {
    write('src/a.ts', `import './b.ts';`);
    write('src/b.ts', `import './c.ts';`);
    write('src/c.ts', `import './b.ts';\nimport './d.ts';`);
    write('src/d.ts', '');

    expect(checkCycles(root)).toEqual([
      {
        file: 'src/b.ts',
        line: 1,
        message: 'is in an import cycle: src/b.ts -> src/c.ts -> src/b.ts',
      },
    ]);
  });
});

describe('a forbidden import is refused', () => {
  test.each([
    ['src/a.ts', `import '../sim/engine/run.ts';`, 'imports sim/engine/run.ts'],
    ['src/a.ts', `import type { A } from '../sim/engine/run.ts';`, 'imports sim/engine/run.ts'],
    ['src/a.ts', `export * from '../test/a.ts';`, 'imports test/a.ts'],
    ['src/a.ts', `await import('../sim/engine/run.ts');`, 'imports sim/engine/run.ts'],
    ['src/a.ts', 'await import(`../sim/engine/run.ts`);', 'imports sim/engine/run.ts'],
    ['src/a.ts', `type A = import('../sim/engine/run.ts').A;`, 'imports sim/engine/run.ts'],
    ['src/a.ts', `require('../sim/engine/run.ts');`, 'imports sim/engine/run.ts'],
    ['src/a.ts', `await import(process.argv[2]);`, 'imports what cannot be known'],
    ['src/a.ts', `import 'leaktight/sim';`, 'imports sim/index.ts'],
    ['src/a.ts', `import 'commander';`, 'imports the package commander'],
    ['src/a.ts', `import '@sinonjs/fake-timers/x';`, 'imports the package @sinonjs/fake-timers'],
    ['src/a.ts', `import 'fs';`, 'imports fs; write node:fs'],
    ['src/a.ts', `import './gone.ts';`, 'imports ./gone.ts, which is not there'],
    [
      'sim/engine/a.ts',
      `import '../systems/registry/index.ts';`,
      'imports sim/systems/registry/index.ts',
    ],
    ['sim/engine/a.ts', `import '../../src/index.ts';`, 'imports src/index.ts'],
    [
      'sim/report/a.ts',
      `import '../systems/registry/index.ts';`,
      'imports sim/systems/registry/index.ts',
    ],
    [
      'sim/index.ts',
      `import './systems/registry/index.ts';`,
      'imports sim/systems/registry/index.ts',
    ],
    [
      'sim/cli/a.ts',
      `import '../systems/registry/index.ts';`,
      'imports sim/systems/registry/index.ts',
    ],
    ['properties/a.ts', `import '../test/a.ts';`, 'imports test/a.ts'],
    ['elsewhere/a.ts', '', 'belongs to no layer'],
  ])('%s must not say %s', (file, text, message) => {
    expect(check(file, text)).toEqual([expect.stringContaining(`${file}:1 ${message}`)]);
  });
});

describe('an import along the arrows is allowed', () => {
  test.each([
    ['src/a.ts', `import { WebSocketServer } from 'ws'; import 'node:http'; import './index.ts';`],
    ['sim/systems/registry/a.ts', `import '../../engine/run.ts'; import '../../../src/index.ts';`],
    ['sim/cli.ts', `import './systems/registry/index.ts';`],
    ['properties/a.ts', `import 'fast-check'; import '../sim/systems/registry/index.ts';`],
    ['test/b.ts', `import './a.ts'; import '../src/index.ts';`],
    ['src/a.ts', `// import '../sim/engine/run.ts';\nconst text = "import 'commander'";`],
  ])('%s may say %s', (file, text) => {
    expect(check(file, text)).toEqual([]);
  });
});

describe('real time and chance are refused in the simulator', () => {
  test.each([
    ['Date.now();', 'Date.now'],
    ['globalThis.Date.now();', 'Date.now'],
    [`Date['now']();`, 'Date.now'],
    ['new Date();', 'new Date()'],
    ['Date();', 'Date()'],
    ['Math.random();', 'Math.random'],
    ['const { random } = Math;', 'Math.random'],
    ['performance.now();', 'performance.now'],
    ['process.hrtime.bigint();', 'process.hrtime'],
    ['crypto.randomUUID();', 'crypto.randomUUID'],
    [`import { randomBytes as bytes } from 'node:crypto';`, 'node:crypto randomBytes'],
    [`import { performance } from 'node:perf_hooks';`, 'node:perf_hooks performance'],
  ])('a file of the engine must not say %s', (text, name) => {
    expect(check('sim/engine/a.ts', `\n${text}`)).toEqual([
      `sim/engine/a.ts:2 reads ${name}, which no seed decides`,
    ]);
  });

  test.each([
    'new Date(0);',
    'random.next();',
    'clock.now();',
    '// Date.now()',
    `const text = 'Math.random()';`,
    `import { createHash } from 'node:crypto';`,
  ])('a file of the engine may say %s', (text) => {
    expect(check('sim/engine/a.ts', text)).toEqual([]);
  });

  test('a file outside of the simulator may read real time', () => {
    expect(check('src/a.ts', 'performance.now();')).toEqual([]);
  });

  test('a file with an allowance may read real time, and an unused allowance is refused', () => {
    write('sim/cli.ts', 'performance.now();');
    const allowance = { path: 'sim/cli.ts', names: ['performance.now', 'Date.now'], why: 'shown' };

    expect(checkArchitecture(root, { layers, allowances: [allowance] })).toEqual([
      {
        file: 'sim/cli.ts',
        line: 1,
        message: 'is allowed to read Date.now and does not; take the allowance away',
      },
    ]);
  });
});
