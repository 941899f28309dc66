/** The live part of a system: the hosts of one run and what they do. Made anew for each run. */
import type { Fault } from '../scenario/fault.ts';
import type { Action } from '../scenario/scenario.ts';
import type { World } from './world.ts';

/** The engine calls it; it answers in terms of hosts and sockets. */
export interface SimulatedSystem<A extends Action = Action> {
  /** Adds its hosts to the world. Called once, before time begins; the engine boots them at 0. */
  setUp(world: World): void;
  /** Does one action, as an event of its own. */
  perform(world: World, action: A): void;
  /** Faults have stopped, the network is whole, every host is up: clients leave. */
  leave(world: World): void;
  /** A fault of the scenario has struck. */
  faultStruck?(world: World, fault: Fault): void;
  /** Called after every event, before the invariants. */
  beforeChecks?(world: World): void;
  /** Called after every event, after the invariants. */
  afterChecks?(): void;
  /** The time of the run is over: called once, before the last check of all invariants. */
  beforeFinalCheck?(world: World): void;
  /** Fault classes of its own that struck, with how often. */
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
