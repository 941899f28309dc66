/** The figures that a scenario can have expectations about. */
import type { Figure } from './scenario.ts';
import type { RegistrySystem } from './system.ts';

export function figureOf(system: RegistrySystem, figure: Figure, user: string | null): number {
  switch (figure) {
    case 'managers': {
      const registry = system.chat?.registry;
      return (user === null ? registry?.size : registry?.count(user)) ?? 0;
    }
    case 'open-tabs':
      return [...system.tabs.values()].filter(
        (tab) => tab.isOpen && (user === null || tab.user === user),
      ).length;
    case 'tab-open':
      return system.tabs.get(user ?? '')?.isOpen ? 1 : 0;
    case 'created':
      return system.total('created');
    case 'refused':
      return sum(user === null ? [...system.refused.values()] : [system.refused.get(user) ?? 0]);
    case 'evicted':
      return system.total('evicted');
    case 'emergencies':
      return system.emergenciesEnded;
    case 'threads':
      return sum(
        user === null
          ? [...system.threads.values()].map(({ size }) => size)
          : [system.threads.get(user)?.size ?? 0],
      );
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
