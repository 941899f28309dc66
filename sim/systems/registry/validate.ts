/** Validates a scenario of the registry, since its file may have been written by other code. */
import { resolveOptions } from '../../../src/options/resolve-options.ts';
import { SimulationError } from '../../engine/errors.ts';
import { hostsOf } from '../../run/apply-fault.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { assertScenario } from '../../scenario/validate.ts';
import { bugs } from './bugs/index.ts';
import { attacks } from './clients/attacks.ts';
import {
  type Figure,
  type RegistryAction,
  type RegistryScenario,
  type Settings,
  serverNames,
} from './scenario.ts';

interface Rule {
  readonly isOptional?: true;
  readonly holds: (value: unknown) => boolean;
  readonly says: string;
}

const text: Rule = { holds: (value) => typeof value === 'string', says: 'must be text' };
const textOrNull: Rule = {
  holds: (value) => value === null || typeof value === 'string',
  says: 'must be text or null',
};
const flag: Rule = {
  holds: (value) => typeof value === 'boolean',
  says: 'must be true or false',
};
const count: Rule = { holds: (value) => isWhole(value, 0), says: 'must be a whole number from 0' };
const durationMs: Rule = { ...count, says: 'must be a whole number of milliseconds' };
const tabName: Rule = {
  holds: (value) => typeof value === 'string' && value.lastIndexOf('.') > 0,
  says: 'must be the name of a tab, user.number',
};
const optional = (rule: Rule): Rule => ({ ...rule, isOptional: true });
const oneOf = (names: readonly string[]): Rule => ({
  holds: (value) => names.some((name) => name === value),
  says: `must be one of ${names.join(', ')}`,
});

const figures: Readonly<Record<Figure, true>> = {
  managers: true,
  'open-tabs': true,
  created: true,
  refused: true,
  evicted: true,
  emergencies: true,
  connections: true,
  'flood-heard': true,
  forbidden: true,
  'attacks-open': true,
  'arrivals-peak': true,
  'tab-open': true,
  threads: true,
};

const ofTab = { tab: tabName };
const ofServer = { server: optional(text) };

/** The fields that each action has besides `kind` and `atMs`. */
const fieldsOf: Readonly<Record<RegistryAction['kind'], Readonly<Record<string, Rule>>>> = {
  connect: {
    ...ofTab,
    clientId: textOrNull,
    threadId: textOrNull,
    connectionId: textOrNull,
    retry: flag,
    heeds: optional(flag),
  },
  say: { ...ofTab, characters: count },
  close: ofTab,
  drop: ofTab,
  deafen: ofTab,
  move: ofTab,
  reload: ofTab,
  post: ofTab,
  flood: { ...ofTab, messages: count, characters: count },
  release: ofTab,
  trespass: { ...ofTab, by: tabName },
  'break-ping': ofTab,
  acquire: { ...ofServer, user: text, clientId: text },
  cleanup: { ...ofServer, user: text },
  announce: ofServer,
  terminate: { ...ofServer, drainMs: durationMs, downMs: durationMs },
  attack: { attacker: tabName, how: oneOf(Object.keys(attacks)) },
  expect: {
    ...ofServer,
    figure: oneOf(Object.keys(figures)),
    user: textOrNull,
    least: count,
    most: count,
  },
};

const settingsRules: Readonly<Record<string, Rule>> = {
  registry: { holds: isObject, says: 'must be an object of options' },
  authenticationMs: {
    holds: (value) =>
      isObject(value) &&
      isWhole(value.min, 0) &&
      isWhole(value.max, 0) &&
      Number(value.min) <= Number(value.max),
    says: 'must be whole milliseconds min <= max, from 0',
  },
  guardsRooms: optional(flag),
  servers: optional({
    holds: (value) => isWhole(value, 1) && Number(value) <= 100,
    says: 'must be an integer from 1 to 100',
  }),
  bug: {
    holds: (value) => value === null || bugs.some(({ name }) => name === value),
    says: 'must be null or the name of a seeded bug that --list shows',
  },
};

/**
 * Refuses whatever is not a scenario of the registry, unknown fields and actions included: a scenario whose unknown
 * actions are ignored would pass without testing them.
 *
 * @throws {SimulationError} `ERR_SIM_INVALID_SCENARIO`, naming the field and showing its value.
 */
export function assertRegistryScenario(scenario: Scenario): asserts scenario is RegistryScenario {
  assertScenario(scenario);
  const { settings } = scenario;
  if (!isObject(settings)) refuse('settings', 'must be an object', settings);
  mustHold('settings', settings, settingsRules, []);
  const { registry, servers: serverCount = 1 } = settings as unknown as Settings;
  mustBeOptions(registry);
  const servers = serverNames(serverCount);
  for (const [index, action] of scenario.actions.entries()) {
    const known = Object.hasOwn(fieldsOf, action.kind);
    if (!known)
      refuse(
        `actions[${index}].kind`,
        `must be one of ${Object.keys(fieldsOf).join(', ')}`,
        action.kind,
      );
    const fields = fieldsOf[action.kind as RegistryAction['kind']];
    mustHold(`actions[${index}]`, action, fields, ['kind', 'atMs']);
    if (action.server !== undefined && !servers.some((name) => name === action.server))
      refuse(`actions[${index}].server`, `must be one of ${servers.join(', ')}`, action.server);
  }
  for (const [index, fault] of scenario.faults.entries()) {
    for (const host of hostsOf(fault)) {
      if (tabName.holds(host) || servers.includes(host)) continue;
      refuse(`faults[${index}]`, 'must name servers and tabs (user.number)', host);
    }
  }
}

function mustHold(
  where: string,
  value: object,
  rules: Readonly<Record<string, Rule>>,
  others: readonly string[],
): void {
  for (const [name, { isOptional, holds, says }] of Object.entries(rules)) {
    const field: unknown = Reflect.get(value, name);
    if (isOptional && field === undefined) continue;
    if (!holds(field)) refuse(`${where}.${name}`, says, field);
  }
  // A misspelt name would make another scenario.
  const known = [...others, ...Object.keys(rules)];
  for (const [name, field] of Object.entries(value)) {
    if (!known.includes(name)) refuse(`${where}.${name}`, `is none of ${known.join(', ')}`, field);
  }
}

function mustBeOptions(options: object): void {
  try {
    resolveOptions(options);
  } catch (error) {
    throw invalid(`scenario.settings.registry is refused: ${(error as Error).message}`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, never>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isWhole(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= least;
}

function refuse(name: string, rule: string, value: unknown): never {
  throw invalid(`scenario.${name} ${rule}, got ${JSON.stringify(value)}`);
}

function invalid(message: string): SimulationError {
  return new SimulationError('ERR_SIM_INVALID_SCENARIO', message);
}
