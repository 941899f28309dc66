/** How a call ended, and the exit code of each ending. */
export type ExitStatus = 'held' | 'broke' | 'usage' | 'diverged' | 'interrupted';

export const exitCodes: Readonly<Record<ExitStatus, number>> = {
  held: 0,
  broke: 1,
  usage: 2,
  diverged: 3,
  interrupted: 130,
};
