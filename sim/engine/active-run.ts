/**
 * The one run that owns the process, as the shims see it. The shims stay installed for the life of the process and pass
 * through while there is none.
 */
import type { Server, Socket } from 'node:net';
import { currentProcess, type SimulatedProcess } from '../process/simulated-process.ts';
import { SimulationError } from './errors.ts';
import { globalState } from './global-state.ts';

/** What a run does in place of the platform. */
export interface ActiveRun {
  /** Fills `bytes` in place of the platform's random generator. */
  fillRandom(bytes: Uint8Array, owner: SimulatedProcess | undefined): void;
  /** A connection of the simulated network. */
  connect(options: ConnectOptions, owner: SimulatedProcess): Socket;
  /** Binds `server` to a port of the simulated network. */
  listen(server: Server, port: number, owner: SimulatedProcess): void;
  /** Runs `complete` as an event of its own at this instant: the end of work that Node does on its thread pool. */
  completeWork(complete: () => void): void;
  /** The address of a host of the run, by name or address. */
  lookUp(name: string): string | undefined;
  /** Ends the run with an error that names what was called. */
  escape(error: SimulationError): void;
}

export interface ConnectOptions {
  readonly host: string;
  readonly port: number;
  readonly allowHalfOpen: boolean;
}

export function activeRun(): ActiveRun | undefined {
  return globalState.activeRun;
}

/** Makes `next` the run that owns the process. */
export function installRun(next: ActiveRun): void {
  if (globalState.activeRun !== undefined) {
    throw new SimulationError(
      'ERR_SIM_CONCURRENT_RUN',
      'simulate() was called while another run is on: a run owns the process, so await one before the next',
    );
  }
  globalState.activeRun = next;
}

export function uninstallRun(run: ActiveRun): void {
  if (globalState.activeRun === run) globalState.activeRun = undefined;
}

/**
 * Refuses a call that would leave the simulation. Throws into the caller and stops the run, since the caller may well
 * catch it.
 */
export function refuseEscape(call: string, instead: string): never {
  const host = currentProcess()?.host.name;
  const error = new SimulationError(
    'ERR_SIM_ESCAPE',
    `${call} would leave the simulation${host === undefined ? '' : ` (called on host ${host})`}: ${instead}`,
  );
  globalState.activeRun?.escape(error);
  throw error;
}
