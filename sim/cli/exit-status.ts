/** How a call ended. `program.ts` alone knows which exit code each of these is. */
export type Ending = 'held' | 'broke' | 'usage' | 'diverged' | 'interrupted';
