/** Validates a scenario before anything runs, since it may come from a file or from a user's test. */
import { SimulationError } from '../engine/errors.ts';
import type { NetworkProfile, Range, Scenario, Schedule } from './scenario.ts';
import { checkFault } from './validate-fault.ts';

export function assertScenario(scenario: Scenario): void {
  if (!isObject(scenario)) refuse(`a scenario must be an object, got ${show(scenario)}`);
  must(scenario.format === 1, 'format', 'must be 1', scenario.format);
  must(isInteger(scenario.seed, 0), 'seed', 'must be an integer from 0 to 2^53 - 1', scenario.seed);
  must(typeof scenario.name === 'string', 'name', 'must be text', scenario.name);
  mustBeDuration('durationMs', scenario.durationMs);
  mustBeDuration('settleMs', scenario.settleMs);
  mustBeNetwork(scenario.network);
  must(Array.isArray(scenario.actions), 'actions', 'must be a list', scenario.actions);
  for (const [index, action] of scenario.actions.entries()) {
    must(isObject(action), `actions[${index}]`, 'must be an object', action);
    mustBeInTime(`actions[${index}].atMs`, action.atMs, scenario.durationMs);
    must(typeof action.kind === 'string', `actions[${index}].kind`, 'must be a name', action.kind);
  }
  must(Array.isArray(scenario.faults), 'faults', 'must be a list', scenario.faults);
  for (const [index, fault] of scenario.faults.entries()) {
    must(isObject(fault), `faults[${index}]`, 'must be an object', fault);
    mustBeInTime(`faults[${index}].atMs`, fault.atMs, scenario.durationMs);
    checkFault(fault, (field, rule, value) =>
      must(false, `faults[${index}].${field}`, rule, value),
    );
  }
}

function mustBeNetwork(network: NetworkProfile): void {
  must(isObject(network), 'network', 'must be an object', network);
  mustBeRange('network.latencyMs', network.latencyMs, 0);
  mustBeRange('network.segmentBytes', network.segmentBytes, 1);
  for (const name of [
    'sendBufferBytes',
    'receiveBufferBytes',
    'connectTimeoutMs',
    'retransmitTimeoutMs',
  ] as const) {
    const value = network[name];
    must(isInteger(value, 1), `network.${name}`, 'must be a positive integer', value);
  }
  const { latencyDistribution, bandwidthBytesPerSecond } = network;
  must(
    latencyDistribution === undefined || distributions.includes(latencyDistribution),
    'network.latencyDistribution',
    `must be one of ${distributions.join(', ')}`,
    latencyDistribution,
  );
  must(
    bandwidthBytesPerSecond === undefined || isInteger(bandwidthBytesPerSecond, 1),
    'network.bandwidthBytesPerSecond',
    'must be a positive integer',
    bandwidthBytesPerSecond,
  );
  if (network.schedule !== undefined) mustBeSchedule('network.schedule', network.schedule);
}

const distributions: readonly unknown[] = ['uniform', 'lognormal', 'heavy-tail'];

function mustBeSchedule(name: string, schedule: Schedule): void {
  must(isObject(schedule), name, 'must be an object', schedule);
  const { kind } = schedule;
  must(
    kind === 'random' || kind === 'priorities',
    `${name}.kind`,
    'must be random or priorities',
    kind,
  );
  if (schedule.kind === 'random') return;
  const { changePoints } = schedule;
  must(
    isInteger(changePoints, 0),
    `${name}.changePoints`,
    'must be an integer from 0',
    changePoints,
  );
  mustBeDuration(`${name}.windowMs`, schedule.windowMs);
  mustBeDuration(`${name}.withinMs`, schedule.withinMs);
}

function mustBeDuration(name: string, value: unknown): void {
  must(isInteger(value, 0), name, 'must be a whole number of milliseconds', value);
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
    isObject(range) &&
    isInteger(range.min, least) &&
    isInteger(range.max, least) &&
    range.min <= range.max;
  must(valid, name, `must be whole numbers min <= max, from ${least}`, range);
}

function isInteger(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= least;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function must(holds: boolean, name: string, rule: string, value: unknown): void {
  if (holds) return;
  // JSON cannot express NaN and Infinity.
  const shown = typeof value === 'number' ? String(value) : JSON.stringify(value);
  throw new SimulationError('ERR_SIM_INVALID_SCENARIO', `scenario.${name} ${rule}, got ${shown}`);
}

/**
 * An invariant that is never checked would seem to hold: values that are not an invariant or not a system are refused.
 */
export function assertSimulation(system: object, invariants: readonly object[]): void {
  for (const method of ['setUp', 'perform', 'leave', 'faults', 'metrics']) {
    if (typeof Reflect.get(system, method) === 'function') continue;
    refuse(`system.${method} must be a function, got ${show(Reflect.get(system, method))}`);
  }
  for (const [index, invariant] of invariants.entries()) {
    const { name, when, check } = invariant as Readonly<Record<string, unknown>>;
    const where = `invariants[${index}]`;
    if (typeof name !== 'string' || name === '')
      refuse(`${where}.name must be text, got ${show(name)}`);
    if (when !== 'always' && when !== 'settled') {
      refuse(`${where}.when must be 'always' or 'settled', got ${show(when)}`);
    }
    if (typeof check !== 'function')
      refuse(`${where}.check must be a function, got ${show(check)}`);
  }
}

function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : typeof value;
}

function refuse(message: string): never {
  throw new SimulationError('ERR_SIM_INVALID_SCENARIO', message);
}
