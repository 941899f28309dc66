/** Runs one path of the small world and fingerprints the state that it reaches. Only a new state runs to its end. */
import type { Outcome } from '../../../run/outcome.ts';
import { simulateSystem } from '../../../run/simulate-system.ts';
import type { Path, PathResult, SmallUniverse } from '../../../run/small-universe.ts';
import { unlessStopped } from '../../../run/unless-stopped.ts';
import type { World } from '../../../run/world.ts';
import { libraryWith } from '../bugs/plant.ts';
import { registryInvariants } from '../invariants/index.ts';
import type { Library } from '../library.ts';
import { SimulatedRegistry } from '../simulated-registry.ts';
import { type State, stateOf } from './fingerprint.ts';
import { description, familyName, type Walk, walkOf, words } from './universe.ts';

/** The registry as system under test, fingerprinted once, just before all clients leave. */
class ObservedSystem extends SimulatedRegistry {
  readonly #endMs: number;
  readonly #isKnown: (state: string) => boolean;
  readonly #emergencyEndedMs = new Map<string, number>();
  state: State | undefined;
  /** Whether the state was already known: the run ended there. */
  isCut = false;

  constructor({ scenario, endMs }: Walk, library: Library, isKnown: (state: string) => boolean) {
    super(scenario, library);
    this.#endMs = endMs;
    this.#isKnown = isKnown;
  }

  override setUp(world: World): void {
    super.setUp(world);
    // It is planned first, so it runs before all other events of that instant.
    const look = () => {
      this.state = stateOf(this, this.#emergencyEndedMs);
      this.isCut = this.#isKnown(this.state.hash);
      if (this.isCut) world.halted = true;
    };
    world.schedule({
      kind: 'phase',
      atMs: this.#endMs,
      side: 0,
      owner: undefined,
      id: 1,
      fire: look,
    });
  }

  override beforeChecks(world: World): void {
    for (const { recorder } of this.servers) {
      for (const recorded of recorder?.recordedEvents ?? []) {
        if (recorded.kind !== 'cleanup-finished' || recorded.event.kind !== 'emergency') continue;
        this.#emergencyEndedMs.set(recorded.event.userId, world.nowMs);
      }
    }
    super.beforeChecks(world);
  }
}

async function walk(
  path: Path,
  isKnown: (state: string) => boolean,
  bug: string | undefined,
): Promise<PathResult> {
  const way = walkOf(path, bug);
  const library = await libraryWith(bug ?? null);
  const { scenario } = way;
  const makeSystem = () => new ObservedSystem(way, library, isKnown);
  let system = makeSystem();
  const run = () =>
    simulateSystem({ scenario, system, invariants: registryInvariants }, { watchdog: 'shared' });
  const outcome = await unlessStopped(run, () => {
    system = makeSystem();
  });
  return { ...resultOf(outcome), ...lookOf(system), isWhole: !system.isCut };
}

function lookOf({ state }: ObservedSystem) {
  return state === undefined ? { choices: [] } : { state: state.hash, choices: state.choices };
}

function resultOf({ events, virtualMs, invariants, failure }: Outcome) {
  const checks = invariants.reduce((sum, count) => sum + count.checks, 0);
  if (failure === undefined) return { events, virtualMs, checks };
  const { stack: _, ...told } = failure;
  return { events, virtualMs, checks, failure: told };
}

export const smallUniverse: SmallUniverse = {
  name: familyName,
  description,
  letters: words,
  scenarioOf: (path, bug) => walkOf(path, bug).scenario,
  walk,
};
