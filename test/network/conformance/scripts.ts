/** All scripts that simulated and real sockets must play alike, by their titles. */
import type { Script } from './both-networks.ts';
import { endScripts } from './end.ts';
import { flowScripts } from './flow.ts';
import { serverScripts } from './server.ts';

export const scripts: Readonly<Record<string, Script>> = {
  ...endScripts,
  ...flowScripts,
  ...serverScripts,
};
