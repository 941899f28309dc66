/** The hosts of a run, by name and by address. Does not know what runs on them. */

import { SimulationError } from '../../engine/errors.ts';
import { Host } from './host.ts';

export class Hosts {
  readonly #byName = new Map<string, Host>();
  readonly #byAddress = new Map<string, Host>();

  /** @param boot What the process of the host does when it starts. */
  add(name: string, boot: () => void): Host {
    const host = new Host(name, this.#byName.size, boot);
    this.#byName.set(name, host);
    this.#byAddress.set(host.address, host);
    return host;
  }

  /** In the order in which they were added. */
  get all(): readonly Host[] {
    return [...this.#byName.values()];
  }

  /** @throws {SimulationError} `ERR_SIM_INVALID_SCENARIO` for a name that no host has. */
  get(name: string): Host {
    const host = this.#byName.get(name);
    if (host !== undefined) return host;
    throw new SimulationError(
      'ERR_SIM_INVALID_SCENARIO',
      `the scenario has no host named ${JSON.stringify(name)}`,
    );
  }

  find(nameOrAddress: string): Host | undefined {
    return this.#byName.get(nameOrAddress) ?? this.#byAddress.get(nameOrAddress);
  }

  changeAddress(host: Host): void {
    this.#byAddress.delete(host.address);
    host.changeAddress();
    this.#byAddress.set(host.address, host);
  }
}
