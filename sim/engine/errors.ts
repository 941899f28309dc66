/** What the engine itself refuses or stops. Errors of the code under test are never wrapped: they become an outcome. */

export type SimulationErrorCode =
  /** A second `simulate` while one is on: a run owns the process. */
  | 'ERR_SIM_CONCURRENT_RUN'
  /** A module that captures what the engine governs was loaded before the engine. */
  | 'ERR_SIM_LOADED_TOO_EARLY'
  /** A scenario, a system or an invariant that is not one. */
  | 'ERR_SIM_INVALID_SCENARIO'
  /** Virtual time stands still although events keep coming. */
  | 'ERR_SIM_LIVELOCK'
  /** One event ran longer than the watchdog allows, in real time. */
  | 'ERR_SIM_HANG'
  /** The same, but the process hardly ran meanwhile: that says nothing of the code under test. */
  | 'ERR_SIM_STOPPED'
  /** The code under test called something that would leave the simulation. */
  | 'ERR_SIM_ESCAPE'
  /** The simulator broke its own rules: a defect of the simulator, not of the code under test. */
  | 'ERR_SIM_ASSERTION';

export class SimulationError extends Error {
  readonly code: SimulationErrorCode;

  constructor(code: SimulationErrorCode, message: string) {
    super(message);
    this.name = 'SimulationError';
    this.code = code;
  }
}

/**
 * A system error as libuv reports it: `code`, `errno`, `syscall`, and an address where there is one. Made without a
 * stack, which would cost more than the rest of a reset and say nothing of the code under test.
 */
export function systemError(
  code: keyof typeof errnos,
  syscall: string,
  peer?: { readonly address: string; readonly port: number },
): NodeJS.ErrnoException {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const where = peer === undefined ? '' : ` ${peer.address}:${peer.port}`;
  const error: NodeJS.ErrnoException = new Error(`${syscall} ${code}${where}`);
  Error.stackTraceLimit = limit;
  error.errno = errnos[code];
  error.code = code;
  error.syscall = syscall;
  if (peer !== undefined) Object.assign(error, peer);
  return error;
}

/** Linux's numbers, on every platform: a digest must not depend on where it was made. */
const errnos = {
  ECONNREFUSED: -111,
  ECONNRESET: -104,
  EADDRINUSE: -98,
  ENOTFOUND: -3008,
  EPIPE: -32,
  ETIMEDOUT: -110,
} as const;
