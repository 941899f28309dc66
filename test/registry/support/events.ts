/** Records the events of a registry. Holds no assertions. */
import type { RegistryEvents, WebSocketManagerRegistry } from '../../../src/index.ts';

export interface Recorded {
  readonly name: keyof RegistryEvents;
  readonly event: RegistryEvents[keyof RegistryEvents][0];
}

/** Every event from now on, in order. */
export function record(registry: WebSocketManagerRegistry): Recorded[] {
  const names: readonly (keyof RegistryEvents)[] = [
    'managerCreated',
    'managerIdle',
    'managerClosing',
    'managerRemoved',
    'connectionOpened',
    'connectionClosed',
    'connectionReplaced',
    'connectionRefused',
    'connectionExpelled',
    'messageQueued',
    'messagesReplayed',
    'messagesDropped',
    'sweepFinished',
    'cleanupStarted',
    'cleanupFinished',
    'limitReached',
    'clientIntroduced',
    'upgradeRefused',
    'securityViolation',
    'hookError',
    'shutdownStarted',
    'shutdownFinished',
  ];
  const recorded: Recorded[] = [];
  for (const name of names) {
    registry.on(name, (event: Recorded['event']) => {
      recorded.push({ name, event });
    });
  }
  return recorded;
}

export function namesOf(recorded: readonly Recorded[]): string[] {
  return recorded.map(({ name }) => name);
}
