/** The registry and its model, given the same commands. */
import fc from 'fast-check';
import { Client } from '../client.ts';
import type { Property } from '../property.ts';
import { Stage } from '../stage.ts';
import { command, type Real } from './commands.ts';
import { Model, outboxMaxAgeMs, settings, tabs } from './model.ts';

/** Enough to pass the limit, miss messages, come back and be forgotten; without a size fast-check makes ten at most. */
const enough = { maxCommands: 40, size: 'max' } as const;

export const modelProperty: Property = {
  title: 'the registry does what its model says, whatever it is told',
  runs: 100,
  over: (library, replay) =>
    fc.asyncProperty(
      fc.record({ isHeard: fc.boolean() }),
      fc.commands([command], { ...enough, ...replay }),
      ({ isHeard }, commands) =>
        Stage.with(
          { library, isHeard, registry: { ...settings, outboxMaxAgeMs } },
          async (stage) => {
            const real: Real = { stage, clients: await clientsOn(stage) };
            await fc.asyncModelRun(() => ({ model: new Model(), real }), commands);
            await leave(real);
          },
        ),
    ),
};

async function clientsOn(stage: Stage): Promise<ReadonlyMap<string, Client>> {
  const clients = new Map<string, Client>();
  for (const { user, thread, tab } of tabs) {
    const query = `websocketClientId=${encodeURIComponent(thread)}`;
    clients.set(tab, await Client.on(stage, tab, user, query));
  }
  return clients;
}

/** Everybody goes, and nothing is left. */
async function leave({ stage, clients }: Real): Promise<void> {
  await stage.event(() => {
    for (const client of clients.values()) client.close();
  });
  await stage.advance(settings.reconnectGraceMs + 30_000);
  stage.assertNothingIsLeft();
}
