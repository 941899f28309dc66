/** Passes that keep every step and simplify values: the network, the settings, the fields. */

import type { ScenarioShape } from '../../run/scenario-shape.ts';
import type { Fault } from '../../scenario/fault.ts';
import { defaultNetwork, type NetworkProfile, type Scenario } from '../../scenario/scenario.ts';
import type { Search } from './search.ts';
import { withAction, withFault } from './steps.ts';

/** A network without randomness: all segments have the same latency, and none is split. */
const calmNetwork: NetworkProfile = { ...defaultNetwork, latencyMs: { min: 1, max: 1 } };

export async function simplifyNetwork(search: Search): Promise<void> {
  if (await search.try({ ...search.best, network: calmNetwork })) return;
  for (const change of networkChanges(search.best.network)) {
    await search.try({ ...search.best, network: change(search.best.network) });
  }
}

type NetworkChange = (network: NetworkProfile) => NetworkProfile;

function networkChanges({ latencyMs }: NetworkProfile): NetworkChange[] {
  const { segmentBytes, sendBufferBytes, receiveBufferBytes } = calmNetwork;
  const { connectTimeoutMs, retransmitTimeoutMs } = calmNetwork;
  const fixed = (ms: number): NetworkChange => {
    return (network) => ({ ...network, latencyMs: { min: ms, max: ms } });
  };
  return [
    ({ latencyDistribution, ...network }) => network,
    ({ bandwidthBytesPerSecond, ...network }) => network,
    ({ schedule, ...network }) => network,
    (network) => ({ ...network, connectTimeoutMs, retransmitTimeoutMs }),
    (network) => ({ ...network, segmentBytes }),
    (network) => ({ ...network, sendBufferBytes }),
    (network) => ({ ...network, receiveBufferBytes }),
    fixed(latencyMs.max),
    fixed(latencyMs.min),
    fixed(1),
  ];
}

export async function simplifySettings(
  search: Search,
  scenarioShape: ScenarioShape,
): Promise<void> {
  await repeat(search, () =>
    scenarioShape
      .simplerSettings(search.best.settings)
      .map((settings) => ({ ...search.best, settings })),
  );
}

export async function simplifyActions(search: Search, scenarioShape: ScenarioShape): Promise<void> {
  for (let index = 0; index < search.best.actions.length; index += 1) {
    await repeat(search, () => {
      const action = search.best.actions[index];
      if (action === undefined) return [];
      return scenarioShape
        .simplerActions(action)
        .map((simpler) => withAction(search.best, index, simpler));
    });
  }
}

export async function simplifyFaults(search: Search): Promise<void> {
  for (let index = 0; index < search.best.faults.length; index += 1) {
    await repeat(search, () => {
      const fault = search.best.faults[index];
      if (fault === undefined) return [];
      return simplerFaults(fault).map((simpler) => withFault(search.best, index, simpler));
    });
  }
}

/**
 * Without an optional field, or with a rounder number. A scenario without a required field is invalid, and is not run.
 */
function simplerFaults(fault: Fault): Fault[] {
  const extras = Object.entries(fault).filter(([name]) => !fixedFields.has(name));
  return extras.flatMap(([name, value]) => {
    const { [name]: _, ...rest } = fault as unknown as Record<string, unknown>;
    const rounder =
      typeof value === 'number'
        ? simplerNumbers(value).map((number) => ({ ...fault, [name]: number }))
        : [];
    return [rest as unknown as Fault, ...rounder];
  });
}

const fixedFields: ReadonlySet<string> = new Set(['kind', 'atMs', 'host']);

/** Nearer to 0 and with fewer digits, the simplest first: of 4,711 they are 0, 1, 4,000. */
export function simplerNumbers(value: number): number[] {
  const size = Math.abs(value);
  const unit = 10 ** Math.floor(Math.log10(Math.max(size, 1)));
  const round = Math.sign(value) * Math.floor(size / unit) * unit;
  return [0, Math.sign(value), round].filter(
    (number, index, all) => Math.abs(number) < size && all.indexOf(number) === index,
  );
}

/** Tries the results of `candidates`, and calls it again after each accepted one, until none is accepted. */
async function repeat(search: Search, candidates: () => readonly Scenario[]): Promise<void> {
  let isTaken = true;
  while (isTaken && !search.isOver) {
    isTaken = false;
    for (const candidate of candidates()) {
      isTaken = await search.try(candidate);
      if (isTaken) break;
    }
  }
}
