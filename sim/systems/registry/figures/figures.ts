/** The figures that the expectations of a scenario can name. */
import type { ChatClient } from '../clients/chat-client.ts';
import type { ClientObservations } from '../clients/client-observations.ts';
import type { HostileClient } from '../clients/hostile-client.ts';
import type { Totals } from '../model/totals.ts';
import type { Figure } from '../scenario.ts';
import type { Server } from '../servers/server-under-test.ts';

/** What the figures are counted from. */
export interface FigureSource {
  readonly servers: readonly Server[];
  readonly tabs: ReadonlyMap<string, ChatClient>;
  readonly hostileClients: ReadonlyMap<string, HostileClient>;
  readonly observations: ClientObservations;
  totals(): Totals;
}

export function figureOf(system: FigureSource, figure: Figure, user: string | null): number {
  switch (figure) {
    case 'managers':
      return sum(
        system.servers.map(({ chat }) =>
          user === null ? (chat?.registry.size ?? 0) : (chat?.registry.count(user) ?? 0),
        ),
      );
    case 'open-tabs':
      return [...system.tabs.values()].filter(
        (tab) => tab.isOpen && (user === null || tab.user === user),
      ).length;
    case 'tab-open':
      return system.tabs.get(user ?? '')?.isOpen ? 1 : 0;
    case 'created':
      return system.totals().created;
    case 'refused':
      return countOf(system.observations.refused, user);
    case 'forbidden':
      return countOf(system.observations.forbidden, user);
    case 'flood-heard':
      return countOf(system.observations.floodHeard, user);
    case 'attacks-open':
      return sum([...system.hostileClients.values()].map(({ open }) => open));
    case 'connections':
      return sum(
        system.servers.flatMap(({ chat }) =>
          (chat?.registry.managers(user ?? undefined) ?? []).map(
            ({ connections }) => connections.size,
          ),
        ),
      );
    case 'arrivals-peak':
      return system.servers.find(({ host }) => host.name === user)?.arrivals.peak ?? 0;
    case 'evicted':
      return system.totals().evicted;
    case 'emergencies':
      return system.totals().cleanups.emergency.count;
    case 'threads':
      return sum(
        user === null
          ? [...system.observations.threads.values()].map(({ size }) => size)
          : [system.observations.threads.get(user)?.size ?? 0],
      );
  }
}

function countOf(counts: ReadonlyMap<string, number>, key: string | null): number {
  return key === null ? sum([...counts.values()]) : (counts.get(key) ?? 0);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
