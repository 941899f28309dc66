/** The invariants of the registry as they are listed, with the invariant of the engine about uncaught errors. */
import { engineInvariants } from '../../../run/invariant.ts';
import type { Oracle } from '../../../run/system.ts';
import { registryInvariants } from './index.ts';

const uncaught: Oracle = {
  name: engineInvariants.uncaught,
  guarantee: 'G17',
  description: 'For any behaviour of the clients, no error in the server is left uncaught.',
};

export const invariants: readonly Oracle[] = [uncaught, ...registryInvariants].map(
  ({ name, guarantee, description }) => ({ name, guarantee, description }),
);
