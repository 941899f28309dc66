/** The registry and its model, given the same commands. */
import fc from 'fast-check';
import { Client } from '../fixture/fixture-client.ts';
import { Stage } from '../fixture/registry-fixture.ts';
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
          Stage.with(
            { library, isHeard, registry: { ...settings, outboxMaxAgeMs } },
            async (stage) => {
              const real: Real = { stage, clients: await clientsOn(stage) };
              const model = new Model();
              await fc.asyncModelRun(() => ({ model, real }), commands);
              see(model);
              await leave(real);
            },
          ),
      ),
  };
}

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
