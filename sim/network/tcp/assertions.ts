/**
 * What the network demands of itself wherever its state changes. A broken assertion is a defect of the simulator, never of
 * the code under test: it ends the run, and the outcome says so.
 */
import { SimulationError } from '../../engine/errors.ts';
import { activeRun } from '../../process/active-run.ts';
import type { EndpointState } from '../ports.ts';

/** Ends the run. Also throws, since nothing that follows from a broken state means anything. */
export function failAssertion(what: string): never {
  const error = new SimulationError(
    'ERR_SIM_ASSERTION',
    `${what}: this is a defect of the simulator, not of the code under test`,
  );
  // The code under test may be the caller, and may catch the error.
  activeRun()?.escape(error);
  throw error;
}

const nextStates: Readonly<Record<EndpointState, readonly EndpointState[]>> = {
  opening: ['open', 'closed'],
  open: ['closed'],
  closed: [],
};

/** An endpoint opens at most once, and never again after it was closed. */
export function assertTransition(from: EndpointState, to: EndpointState): void {
  if (from === to || nextStates[from].includes(to)) return;
  failAssertion(`an endpoint went from ${from} to ${to}`);
}

/** A count of bytes, or a sum of such counts, that must equal what is held. */
export function assertBytes(name: string, counted: number, held: number): void {
  if (counted === held && counted >= 0) return;
  failAssertion(`${name} are counted as ${counted} bytes, and ${held} are held`);
}

/**
 * The bytes of one direction, counted where they leave and where they arrive: they arrive in order, each once, and none
 * that was not sent.
 */
export class ByteCount {
  #sent = 0;
  #arrived = 0;

  /** Bytes that were sent and have not arrived. */
  get underWay(): number {
    return this.#sent - this.#arrived;
  }

  /** Returns how many bytes were sent before these. */
  send(bytes: number): number {
    const at = this.#sent;
    this.#sent += bytes;
    return at;
  }

  /** @param at What `send` returned for these bytes. */
  arrive(at: number, bytes: number): void {
    if (at !== this.#arrived) {
      failAssertion(`byte ${at} of a direction arrived when byte ${this.#arrived} was due`);
    }
    this.#arrived += bytes;
    if (this.#arrived > this.#sent) {
      failAssertion(`${this.#arrived} bytes arrived where ${this.#sent} were sent`);
    }
  }
}
