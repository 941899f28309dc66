/** A scenario comes from files and from other people's tests: what is wrong with it is said before anything runs. */
import { SimulationError } from './errors.ts';
import type { Range, Scenario } from './scenario.ts';

export function assertScenario(scenario: Scenario): void {
  must(scenario.format === 1, 'format', 'must be 1', scenario.format);
  must(isInteger(scenario.seed, 0), 'seed', 'must be an integer from 0 to 2^53 - 1', scenario.seed);
  must(
    isInteger(scenario.durationMs, 0),
    'durationMs',
    'must be a whole number of milliseconds',
    scenario.durationMs,
  );
  must(
    isInteger(scenario.settleMs, 0),
    'settleMs',
    'must be a whole number of milliseconds',
    scenario.settleMs,
  );
  const { network } = scenario;
  mustBeRange('network.latencyMs', network.latencyMs, 0);
  mustBeRange('network.segmentBytes', network.segmentBytes, 1);
  for (const name of [
    'sendBufferBytes',
    'receiveBufferBytes',
    'connectTimeoutMs',
    'retransmitTimeoutMs',
  ] as const) {
    must(
      isInteger(network[name], 1),
      `network.${name}`,
      'must be a positive integer',
      network[name],
    );
  }
  for (const [index, action] of scenario.actions.entries()) {
    mustBeInTime(`actions[${index}].atMs`, action.atMs, scenario.durationMs);
  }
  for (const [index, fault] of scenario.faults.entries()) {
    mustBeInTime(`faults[${index}].atMs`, fault.atMs, scenario.durationMs);
  }
}

function mustBeInTime(name: string, atMs: unknown, durationMs: number): void {
  const inTime = isInteger(atMs, 0) && Number(atMs) <= durationMs;
  must(
    inTime,
    name,
    `must be a whole number of milliseconds from 0 to durationMs (${durationMs})`,
    atMs,
  );
}

function mustBeRange(name: string, range: Range, least: number): void {
  const valid =
    isInteger(range.min, least) && isInteger(range.max, least) && range.min <= range.max;
  must(valid, name, `must be whole numbers min <= max, from ${least}`, range);
}

function isInteger(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= least;
}

function must(holds: boolean, name: string, rule: string, value: unknown): void {
  if (holds) return;
  throw new SimulationError(
    'ERR_SIM_INVALID_SCENARIO',
    `scenario.${name} ${rule}, got ${JSON.stringify(value)}`,
  );
}
