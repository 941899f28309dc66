/** The parts of a scenario of the registry, for the shrinker: what it can remove or make smaller. */
import type { Fault } from '../../scenario/fault.ts';
import type { Action, Json, Scenario } from '../../scenario/scenario.ts';
import {
  optionOf,
  type RegistryAction,
  type RegistryScenario,
  type Settings,
  userOf,
} from './scenario.ts';
import { assertRegistryScenario } from './validate.ts';

export const scenarioShape = {
  ownersLabel: 'users and tabs',
  check: assertRegistryScenario as (scenario: Scenario) => void,
  bugOf: (scenario: Scenario) => (scenario as RegistryScenario).settings.bug,
  withBug: (scenario: Scenario, bug: string | null): Scenario => {
    const { settings } = scenario as RegistryScenario;
    return { ...scenario, settings: { ...settings, bug } };
  },
  isExpectation: ({ kind }: Action) => kind === 'expect',
  ownersOf,
  simplerActions: (action: Action): readonly Action[] => simplerActions(action as RegistryAction),
  tighterSettings: (settings: Json) => tighterSettings(settings as Settings),
  simplerSettings: (settings: Json): readonly Json[] => simplerSettings(settings as Settings),
};

function ownersOf(step: Action | Fault): readonly string[] {
  const name = 'host' in step ? step.host : ('tab' in step && step.tab) || step.attacker;
  if (typeof name === 'string') return userOf(name) === '' ? [] : [userOf(name), name];
  return 'user' in step && typeof step.user === 'string' ? [step.user] : [];
}

function simplerActions(action: RegistryAction): readonly RegistryAction[] {
  switch (action.kind) {
    case 'connect': {
      const { heeds, ...rest } = action;
      const own = `client-of-${action.tab}`;
      return [
        ...(heeds === undefined ? [] : [rest]),
        ...(action.retry ? [{ ...action, retry: false }] : []),
        ...(action.connectionId === null ? [] : [{ ...action, connectionId: null }]),
        ...(action.threadId === null ? [] : [{ ...action, threadId: null }]),
        ...(action.clientId === own ? [] : [{ ...action, clientId: own }]),
      ];
    }
    case 'say':
      return fewer(action.characters).map((characters) => ({ ...action, characters }));
    case 'flood':
      return [
        ...fewer(action.messages).map((messages) => ({ ...action, messages })),
        ...fewer(action.characters).map((characters) => ({ ...action, characters })),
      ];
    case 'terminate':
      return [
        ...fewer(action.drainMs).map((drainMs) => ({ ...action, drainMs })),
        ...fewer(action.downMs).map((downMs) => ({ ...action, downMs })),
      ];
    default:
      return [];
  }
}

/** Smaller numbers, the smallest first, as it is the simplest. */
function fewer(count: number): readonly number[] {
  return [0, 1, 10, 100, 1_000, 10_000, count >> 1].filter(
    (less, index, all) => less < count && all.indexOf(less) === index,
  );
}

function tighterSettings(settings: Settings) {
  const { registry } = settings;
  const limit = optionOf(settings, 'maxManagersPerUser');
  return [1, 2, 3, 4, 5, 8, 12]
    .filter((lower) => lower < limit)
    .map((lower) => ({
      settings: { ...settings, registry: { ...registry, maxManagersPerUser: lower } },
      by: limit - lower,
    }));
}

/** First with all defaults at once, then without one option at a time. */
function simplerSettings(settings: Settings): readonly Settings[] {
  const { registry, authenticationMs, guardsRooms, servers, ...rest } = settings;
  const without = (name: string): Settings['registry'] =>
    Object.fromEntries(Object.entries(registry).filter(([option]) => option !== name));
  const names = Object.keys(registry);
  const atOnce = { min: 0, max: 0 };
  const fixed = { min: authenticationMs.max, max: authenticationMs.max };
  const waits = authenticationMs.max > 0 ? [atOnce, fixed] : [];
  return [
    ...(guardsRooms === undefined && servers === undefined
      ? []
      : [{ ...rest, registry, authenticationMs }]),
    ...(names.length > 1 ? [{ ...settings, registry: {} }] : []),
    ...names.map((name) => ({ ...settings, registry: without(name) })),
    ...waits.map((wait) => ({ ...settings, authenticationMs: wait })),
  ].filter((simpler) => JSON.stringify(simpler) !== JSON.stringify(settings));
}
