/** Each class of fault has a story in which a naive server fails because of it, and the registry does not. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { engineInvariants, simulateSystem } from '../../sim/index.ts';
import { faultKinds } from '../../sim/scenario/validate-fault.ts';
import { misbehaviourKinds } from '../../sim/systems/app/actions.ts';
import type { StartChat } from '../../sim/systems/app/chat.ts';
import { oracles } from '../../sim/systems/app/oracles.ts';
import { rows } from '../../sim/systems/app/rows/index.ts';
import { type Row, scenarioOf } from '../../sim/systems/app/rows/row.ts';
import { naiveServer } from '../../sim/systems/app/servers/naive-server.ts';
import { registryServer } from '../../sim/systems/app/servers/registry-server.ts';
import { SimulatedApp } from '../../sim/systems/app/simulated-app.ts';

function play(row: Row, weather: 'calm' | 'trouble', server: StartChat) {
  const scenario = scenarioOf(row, weather);
  return simulateSystem({
    scenario,
    system: new SimulatedApp(scenario, server),
    invariants: oracles,
  });
}

describe.each(rows)('$fault: when $when', (row) => {
  test(`the naive server fails: ${row.mistake}`, async () => {
    const { failure, faults } = await play(row, 'trouble', naiveServer(row.habits ?? {}));

    expect(failure?.invariant, failure?.detail).toBe(row.breaks);
    expect(faults).toHaveProperty(row.fault);
  });

  test('the naive server copes when it does not', async () => {
    const { failure, connections } = await play(row, 'calm', naiveServer(row.habits ?? {}));

    expect(failure).toBeUndefined();
    expect(connections).toBeGreaterThan(0);
  });

  test(`the registry copes: ${row.against}`, async () => {
    const { failure, faults } = await play(row, 'trouble', registryServer(row.options ?? {}));

    expect(failure).toBeUndefined();
    expect(faults).toHaveProperty(row.fault);
  });
});

test.each(rows.filter(({ disarm }) => disarm !== undefined))(
  '$fault: when $when, the registry fails as well without $disarm',
  async (row) => {
    const disarmed = registryServer({ ...row.options, ...row.disarm });

    const { failure } = await play(row, 'trouble', disarmed);

    expect(failure?.invariant, failure?.detail).toBe(row.breaks);
  },
);

test('every fault of the simulator has its row', () => {
  const told = new Set<string>(rows.map(({ fault }) => fault));

  expect(faultKinds).toContain('kill');
  expect([...faultKinds, ...misbehaviourKinds].filter((kind) => !told.has(kind))).toEqual([]);
});

test('every oracle is broken by some row, and every row breaks one', () => {
  const broken = new Set(rows.map(({ breaks }) => breaks));

  expect([...broken].sort()).toEqual(
    [engineInvariants.uncaught, ...oracles.map(({ name }) => name)].sort(),
  );
});

test('the README has the table', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

  const missing = rows
    .map(({ fault, when, mistake, breaks, against }) => [
      `\`${fault}\``,
      when,
      mistake,
      breaks,
      against,
    ])
    .map((cells) => `| ${cells.join(' | ')} |\n`)
    .filter((line) => !readme.includes(line));

  expect(missing).toEqual([]);
});
