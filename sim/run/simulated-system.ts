/** The live part of a system: the hosts of one run and what they do. Each run has a new one. */
import type { Fault } from '../scenario/fault.ts';
import type { Action } from '../scenario/scenario.ts';
import type { World } from './world.ts';

/** The engine calls these methods; the system implements them with hosts and sockets. */
export interface SimulatedSystem<A extends Action = Action> {
  /** Adds its hosts to the world. Called once, before time begins; the engine boots them at 0. */
  setUp(world: World): void;
  /** Performs one action, as an event of its own. */
  perform(world: World, action: A): void;
  /** Called when faults have stopped, the network is healed and every host runs: the clients must leave. */
  leave(world: World): void;
  /** Called when a fault of the scenario has struck. */
  faultStruck?(world: World, fault: Fault): void;
  /** Called after every event, before the invariants. */
  beforeChecks?(world: World): void;
  /** Called after every event, after the invariants. */
  afterChecks?(): void;
  /** Called once when the time of the run is over, before the last check of all invariants. */
  beforeFinalCheck?(world: World): void;
  /** How often each fault class of the system's own actions struck. */
  faults(): Readonly<Record<string, number>>;
  /** Its figures, for the outcome. */
  metrics(): Readonly<Record<string, number>>;

  /** @deprecated Name it `beforeChecks`. It is called only where that one is absent. */
  observe?(world: World): void;
  /** @deprecated Name it `afterChecks`. It is called only where that one is absent. */
  turnPage?(): void;
  /** @deprecated Name it `beforeFinalCheck`. It is called only where that one is absent. */
  rest?(world: World): void;
}

/** The hooks of a system, under their names or under their old ones. */
export const hooks = {
  beforeChecks(system: SimulatedSystem<never>, world: World): void {
    if (system.beforeChecks !== undefined) system.beforeChecks(world);
    else system.observe?.(world);
  },
  afterChecks(system: SimulatedSystem<never>): void {
    if (system.afterChecks !== undefined) system.afterChecks();
    else system.turnPage?.();
  },
  beforeFinalCheck(system: SimulatedSystem<never>, world: World): void {
    if (system.beforeFinalCheck !== undefined) system.beforeFinalCheck(world);
    else system.rest?.(world);
  },
};
