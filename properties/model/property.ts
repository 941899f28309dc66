/** The registry and its model, given the same commands. */
import fc from 'fast-check';
import { FixtureClient } from '../fixture/fixture-client.ts';
import { RegistryFixture } from '../fixture/registry-fixture.ts';
import type { Property } from '../runner/property.ts';
import { command, type Real } from './commands.ts';
import { Model, outboxMaxAgeMs, settings, tabs } from './model.ts';

/** Enough to pass the limit, miss messages, come back and be forgotten; without a size fast-check makes ten at most. */
const enough = { maxCommands: 40, size: 'max' } as const;

export const modelProperty = modelPropertySeenBy(() => {});

/** @param see Is given the model at the end of each run. */
export function modelPropertySeenBy(see: (model: Model) => void): Property {
  return {
    title: 'the registry does what its model says, whatever it is told',
    runs: 100,
    over: ({ library, replayPath }) =>
      fc.asyncProperty(
        fc.record({ isHeard: fc.boolean() }),
        fc.commands([command], { ...enough, ...(replayPath === undefined ? {} : { replayPath }) }),
        ({ isHeard }, commands) =>
          RegistryFixture.with(
            { library, isHeard, registry: { ...settings, outboxMaxAgeMs } },
            async (fixture) => {
              const real: Real = { fixture, clients: await clientsOn(fixture) };
              const model = new Model();
              await fc.asyncModelRun(() => ({ model, real }), commands);
              see(model);
              await leave(real);
            },
          ),
      ),
  };
}

async function clientsOn(fixture: RegistryFixture): Promise<ReadonlyMap<string, FixtureClient>> {
  const clients = new Map<string, FixtureClient>();
  for (const { user, thread, tab } of tabs) {
    const query = `websocketClientId=${encodeURIComponent(thread)}`;
    clients.set(tab, await FixtureClient.on(fixture, tab, user, query));
  }
  return clients;
}

/** All clients leave, and nothing is left. */
async function leave({ fixture, clients }: Real): Promise<void> {
  await fixture.event(() => {
    for (const client of clients.values()) client.close();
  });
  await fixture.advance(settings.reconnectGraceMs + 30_000);
  fixture.assertNothingIsLeft();
}
