/** What the registry promises, one sentence each. Every invariant belongs to one of them; the README says more of each. */

export interface Guarantee {
  readonly id: string;
  readonly sentence: string;
}

export const guarantees: readonly Guarantee[] = [
  {
    id: 'G1',
    sentence: 'Identity is derived from the request and the same wherever it is asked for.',
  },
  { id: 'G2', sentence: 'Two different pairs of user and thread never share an isolation key.' },
  { id: 'G3', sentence: 'A key has one manager, however many acquire it at once.' },
  { id: 'G4', sentence: 'The limit of managers a user is never passed, at any step.' },
  {
    id: 'G5',
    sentence:
      'From 60 % of the limit on a cleanup runs beside the acquire and spares peers that answer.',
  },
  {
    id: 'G6',
    sentence: 'At the limit an emergency cleanup makes room or refuses, within its deadline.',
  },
  {
    id: 'G7',
    sentence:
      'A connection releases itself once, and its manager goes after the grace without any.',
  },
  { id: 'G8', sentence: 'A background sweep goes on below the timers, also after an error in it.' },
  {
    id: 'G9',
    sentence: 'A peer that answers nothing is found in time, and no peer that answers is put out.',
  },
  {
    id: 'G10',
    sentence: 'No frame, message or release reaches the manager of another user or thread.',
  },
  {
    id: 'G11',
    sentence:
      'Messages to an absent user wait and are replayed once, in order; the queue is bounded.',
  },
  {
    id: 'G12',
    sentence: 'A shutdown accepts no acquire, settles within its drain time and leaves nothing.',
  },
  { id: 'G13', sentence: 'When the last client has gone, nothing is left.' },
  { id: 'G14', sentence: 'Every counter is what the events say, and reading changes nothing.' },
  { id: 'G15', sentence: 'A wall clock that jumps keeps nothing alive and kills nothing.' },
  {
    id: 'G16',
    sentence: 'Every call settles within its bound, and fails only for a stated reason.',
  },
  {
    id: 'G17',
    sentence:
      'The door answers every upgrade in time, with a whole answer, and nothing at it crashes.',
  },
];
