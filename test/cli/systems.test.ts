/** The list of systems as the command line reads it: sub-commands, options of one system, and what reports name. */
import { expect, test } from 'vitest';
import { main } from '../../sim/cli/main.ts';
import type { OptionValues, SystemEntry } from '../../sim/run/system.ts';
import { ioOf, simulate, system } from './bench-system.ts';

const opened: OptionValues[] = [];

const first: SystemEntry = {
  name: 'bench',
  command: 'bench',
  description: 'Simulates nothing.',
  defaultScenario: 'swarm',
  options: [],
  open: () => system,
};

const second: SystemEntry = {
  ...first,
  name: 'app',
  command: 'serve',
  description: 'Simulates a file.',
  options: [{ flags: '--server-file <file>', description: 'the server' }],
  open: (options) => {
    opened.push(options);
    return { ...system, name: 'app', options };
  },
};

async function run(args: string, files: Readonly<Record<string, string>> = {}) {
  let out = '';
  let err = '';
  const io = ioOf(simulate, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    readText: (path) => files[path],
  });
  const status = await main(args.split(' '), io, [first, second]);
  return { status, out, err };
}

test('a command line without a sub-command runs the first system of the list', async () => {
  const { status, out } = await run('--seed 7 --bug leak');

  expect(status).toBe('broke');
  expect(out).toMatch(/replay: {5}npm run sim -- --seed 7 --scenario swarm --bug leak\n$/);
});

test('a sub-command runs its system, and the replay names it', async () => {
  const { status, out } = await run('serve --seed 7 --bug leak');

  expect(status).toBe('broke');
  expect(out).toMatch(/replay: {5}npm run sim -- serve --seed 7 --scenario swarm --bug leak\n$/);
});

test('the sub-command of the first system may be written too', async () => {
  expect((await run('bench --seed 42')).out).toBe((await run('--seed 42')).out);
});

test('a system is made with the values of its own options', async () => {
  opened.length = 0;
  await run('serve --seed 1 --server-file app.ts');

  expect(opened).toEqual([{ serverFile: 'app.ts' }]);
});

test('an option of one system is unknown to another', async () => {
  const { status, err } = await run('--seed 1 --server-file app.ts');

  expect(status).toBe('usage');
  expect(err).toMatch(/^error: option '--server-file' is unknown/);
});

test('the help of a list names its sub-commands, and that of one the options of its system', async () => {
  const whole = await run('--help');
  const one = await run('serve --help');

  expect(whole.out).toContain('Usage: npm run sim -- [bench|serve] [options]');
  expect(whole.out).not.toContain('--server-file');
  expect(one.out).toContain('Usage: npm run sim -- serve [options]');
  expect(one.out).toContain('--server-file <file>');
});

test.each([
  ['"format": 2, "system": "app"', 'app'],
  ['"format": 1', 'bench'],
])('a scenario file with %s is run as one of system %s', async (head, name) => {
  const scenario = JSON.stringify(system.families[0]?.make(4));
  const files = { 'f.json': `{ ${head}, "story": "", "scenario": ${scenario} }` };
  opened.length = 0;
  const { status } = await run('--replay f.json', files);

  expect(status).toBe('held');
  expect(opened).toHaveLength(name === 'app' ? 1 : 0);
});
