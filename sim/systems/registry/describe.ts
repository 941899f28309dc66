/** Describes the scenario of a seed for a reader. The command line prints it first. */
import type { PrioritySchedule } from '../../scenario/scenario.ts';
import type { RegistryScenario } from './scenario.ts';

export function describeScenario(
  scenario: RegistryScenario,
): readonly (readonly [label: string, value: string])[] {
  const { network, settings, actions, faults } = scenario;
  const tabs = new Set(actions.flatMap((action) => ('tab' in action ? [String(action.tab)] : [])));
  const users = new Set([...tabs].map((tab) => tab.slice(0, tab.lastIndexOf('.'))));
  const options = Object.entries(settings.registry).map(
    ([name, value]) => `${name} ${String(value)}`,
  );
  return [
    [
      'virtual time',
      `${scenario.durationMs} ms with faults, then ${scenario.settleMs} ms to settle`,
    ],
    ['users, tabs', `${users.size}, ${tabs.size}`],
    ['actions', counters(actions)],
    ['faults', faults.length === 0 ? 'none' : counters(faults)],
    ['latency', `${network.latencyMs.min} to ${network.latencyMs.max} ms one way`],
    ...(network.schedule?.kind === 'priorities'
      ? [['schedule', scheduleText(network.schedule)] as const]
      : []),
    ['segments', `${network.segmentBytes.min} to ${network.segmentBytes.max} bytes`],
    [
      'socket buffers',
      `${network.sendBufferBytes} bytes to send, ${network.receiveBufferBytes} to receive`,
    ],
    ['authentication', `${settings.authenticationMs.min} to ${settings.authenticationMs.max} ms`],
    ['registry', options.length === 0 ? 'defaults' : options.join(', ')],
    ...(settings.bug === null ? [] : [['seeded bug', settings.bug] as const]),
  ];
}

function scheduleText({ changePoints, windowMs }: PrioritySchedule): string {
  return `by priorities, ${changePoints} change points, held at most ${windowMs} ms`;
}

function counters(entries: readonly { readonly kind: string }[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of entries) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ');
}
