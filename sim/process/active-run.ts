/**
 * The one run that owns this Node process, as the shims see it. The shims stay installed for as long as Node runs, and
 * pass through while no run is on. Does not simulate anything: a run implements `ActiveRun`.
 */
import type { Server, Socket } from 'node:net';
import { SimulationError } from '../engine/errors.ts';
import { onceInProcess } from '../engine/once-in-process.ts';
import { currentProcess, type SimulatedProcess } from './simulated-process.ts';

/** What a run does in place of the platform. */
export interface ActiveRun {
  /** Fills `bytes` in place of the platform's random generator. */
  fillRandom(bytes: Uint8Array, owner: SimulatedProcess | undefined): void;
  /** Opens a connection of the simulated network. */
  connect(options: ConnectOptions, owner: SimulatedProcess): Socket;
  /** Binds `server` to a port of the simulated network. */
  listen(server: Server, port: number, owner: SimulatedProcess): void;
  /** Runs `complete` as an event of its own at this instant: the end of work that Node does on its thread pool. */
  completeWork(complete: () => void): void;
  /** Finds the address of a host of the run, by name or address. */
  lookUp(name: string): string | undefined;
  /** Ends the run with an error that names what was called. */
  escape(error: SimulationError): void;
}

export interface ConnectOptions {
  readonly host: string;
  readonly port: number;
  readonly allowHalfOpen: boolean;
}

const state = onceInProcess<{ run: ActiveRun | undefined }>('active-run', () => ({
  run: undefined,
}));

export function activeRun(): ActiveRun | undefined {
  return state.run;
}

/** The process whose code is running, where a run is on and governs it. */
export function governedProcess(): SimulatedProcess | undefined {
  return state.run === undefined ? undefined : currentProcess();
}

/** Makes `next` the run that owns this Node process. */
export function installRun(next: ActiveRun): void {
  if (state.run !== undefined) {
    throw new SimulationError(
      'ERR_SIM_CONCURRENT_RUN',
      'simulate() was called while another run is on: a run owns the process, so await one before the next',
    );
  }
  state.run = next;
}

export function uninstallRun(run: ActiveRun): void {
  if (state.run === run) state.run = undefined;
}

/**
 * Refuses a call that would leave the simulation. Throws into the caller and stops the run as well, since the caller may
 * catch the error.
 */
export function refuseEscape(call: string, instead: string): never {
  const host = currentProcess()?.host.name;
  const error = new SimulationError(
    'ERR_SIM_ESCAPE',
    `${call} would leave the simulation${host === undefined ? '' : ` (called on host ${host})`}: ${instead}`,
  );
  state.run?.escape(error);
  throw error;
}
