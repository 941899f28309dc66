/**
 * What the registry promises, one sentence each. Every invariant belongs to one of them; the README says more of each.
 */

export interface Guarantee {
  readonly id: string;
  readonly sentence: string;
}

export const guarantees: readonly Guarantee[] = [
  {
    id: 'G1',
    sentence: 'Identity is derived from the request, and is the same wherever it is derived.',
  },
  { id: 'G2', sentence: 'Two different pairs of user and thread never share an isolation key.' },
  { id: 'G3', sentence: 'A key has one manager, even if many calls acquire it at once.' },
  { id: 'G4', sentence: 'No user ever has more managers than the limit, at any step.' },
  {
    id: 'G5',
    sentence:
      'From 60 % of the limit on, an acquire starts a cleanup, which spares peers that answer.',
  },
  {
    id: 'G6',
    sentence: 'At the limit an emergency cleanup makes room or refuses, within its deadline.',
  },
  {
    id: 'G7',
    sentence:
      'A connection releases itself once; a manager without connections is removed after its grace period.',
  },
  {
    id: 'G8',
    sentence: 'A background sweep backs up the timers, and continues after an error in it.',
  },
  {
    id: 'G9',
    sentence: 'An unresponsive peer is found in time, and no responsive peer is disconnected.',
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
  { id: 'G13', sentence: 'When the last client has disconnected, nothing is left.' },
  {
    id: 'G14',
    sentence: 'Counters always equal the emitted events, and reading them changes nothing.',
  },
  { id: 'G15', sentence: 'A wall clock that jumps keeps nothing alive and kills nothing.' },
  {
    id: 'G16',
    sentence: 'Every call settles within its bound, and fails only for a stated reason.',
  },
  {
    id: 'G17',
    sentence: 'Every upgrade gets a complete response in time, and none crashes the process.',
  },
];
