/** The files of the simulator that may read real time or chance, and why. Everything else in `sim` may not. */

export interface Allowance {
  /** A file or a folder, from the root of the repository. */
  readonly path: string;
  readonly names: readonly string[] | 'any';
  readonly why: string;
}

/** Folders in which one seed must give one run. */
export const seededFolders: readonly string[] = ['sim', 'properties'];

export const allowances: readonly Allowance[] = [
  {
    path: 'sim/cli/program.ts',
    names: ['performance.now', 'node:crypto randomInt'],
    why: 'the progress line shows real time, and a seed that is not given is drawn',
  },
  {
    path: 'sim/platform',
    names: 'any',
    why: 'the shims stand between the real calls and their callers, and pass through when no run is on',
  },
  {
    path: 'sim/run/world.ts',
    names: ['Math.random'],
    why: 'keeps the real one to put it back by identity',
  },
  {
    path: 'sim/engine/real-time.ts',
    names: ['performance.now', 'node:perf_hooks performance'],
    why: 'keeps the real clocks for the guards, before a run replaces them',
  },
  {
    path: 'sim/network/socket/idle-timeout.ts',
    names: ['performance.now'],
    why: 'a simulated socket lives in a run, where this is virtual time',
  },
  {
    path: 'sim/systems/registry/clients/chat-client.ts',
    names: ['Math.random'],
    why: 'a client is code on a simulated host, where this is drawn from the stream of its process',
  },
  {
    path: 'sim/systems/app/app-client.ts',
    names: ['performance.now', 'node:crypto randomUUID'],
    why: 'a client is code on a simulated host, where time is virtual and randomness is its own stream',
  },
  {
    path: 'sim/systems/app/servers',
    names: ['Date.now', 'node:crypto randomUUID'],
    why: 'these servers are the code under test, as a user would write it',
  },
];
