/** Bugs of the HTTP upgrade. */
import { engineInvariants } from '../../../run/invariant.ts';
import type { Bug } from './bug.ts';

export const upgradeReset: Bug = {
  name: 'upgrade-reset',
  description:
    'a TCP reset while asynchronous authentication is pending has no error listener: the process dies ' +
    '(Node removes its own before it emits upgrade)',
  guarantees: ['G17'],
  caughtBy: engineInvariants.uncaught,
  patches: [
    {
      file: 'upgrade/socket-guard.ts',
      find: "  for (const stream of streamsOf(request, socket)) stream.on('error', destroyOnError);",
      replace: '  streamsOf(request, socket);',
    },
  ],
};
