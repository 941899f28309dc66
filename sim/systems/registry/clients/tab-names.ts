/** The names of the tabs that a scenario needs: those of its actions, and hosts of its faults that are no server. */
import { hostsOf } from '../../../run/apply-fault.ts';
import { type RegistryScenario, userOf } from '../scenario.ts';

export function tabNames(
  { actions, faults }: RegistryScenario,
  servers: readonly string[],
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const action of actions) {
    if ('tab' in action) names.add(String(action.tab));
    if (action.kind === 'trespass') names.add(action.by);
  }
  for (const fault of faults)
    for (const host of hostsOf(fault)) if (!servers.includes(host)) names.add(host);
  for (const name of names) {
    if (userOf(name) === '')
      throw new Error(`a tab is named user.number, got ${JSON.stringify(name)}`);
  }
  return names;
}
