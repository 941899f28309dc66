/** The work that the yardsticks and the simulator are measured by: who says how much to an echo, in which time. */
export const CLIENTS = 8;
/** Of each client; every one is answered, so that there are twice as many frames. */
export const MESSAGES = 10;
export const INTERVAL_MS = 5_500;
export const RUN_MS = 60_000;
export const FRAMES = 2 * CLIENTS * MESSAGES;

export function firstMessageAtMs(client: number): number {
  return 10 * client + 1;
}
