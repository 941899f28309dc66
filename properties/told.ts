/** What a registry tells those who listen, and whether its counters say the same (G14). */
import type { RegistryEvents, RegistryStats, WebSocketManagerRegistry } from '../src/index.ts';

export type Told = {
  readonly [K in keyof RegistryEvents]: { readonly name: K; readonly event: RegistryEvents[K][0] };
}[keyof RegistryEvents];

/** Each event with the counter that it adds one to. */
const counters = {
  managerCreated: 'managersCreated',
  managerRemoved: 'managersRemoved',
  connectionOpened: 'connectionsOpened',
  connectionClosed: 'connectionsClosed',
  connectionExpelled: 'connectionsExpelled',
  messageQueued: 'messagesQueued',
  limitReached: 'limitsReached',
  upgradeRefused: 'upgradesRefused',
  hookError: 'hookErrors',
  sweepFinished: 'sweeps',
} as const satisfies Partial<Record<keyof RegistryEvents, keyof RegistryStats>>;

const counted = Object.keys(counters) as readonly (keyof typeof counters)[];

const names: readonly (keyof RegistryEvents)[] = [
  ...counted,
  'managerClosing',
  'messagesReplayed',
  'messagesDropped',
  'cleanupFinished',
  'shutdownStarted',
  'shutdownFinished',
];

/** Everything from now on, in order. */
export function listen(
  registry: WebSocketManagerRegistry,
  hear: (told: Told) => void,
): readonly Told[] {
  const all: Told[] = [];
  for (const name of names) {
    registry.on(name, (event: unknown) => {
      const told = { name, event } as Told;
      all.push(told);
      hear(told);
    });
  }
  return all;
}

/** The first counter that is not what the events say. */
export function faultOfCounters(
  registry: WebSocketManagerRegistry,
  told: readonly Told[],
): string | undefined {
  const stats = registry.stats();
  for (const name of counted) {
    const heard = told.filter((one) => one.name === name).length;
    const { [name]: counter } = counters;
    if (stats[counter] !== heard) return `${counter} is ${stats[counter]}, ${name} told ${heard}`;
  }
  return undefined;
}
