/** G17, and the expectations of scenarios. */
import type { Invariant } from '../../../run/invariant.ts';
import type { View } from '../view.ts';
import { violation } from './support.ts';

export const upgradesAreAnswered: Invariant<View> = {
  name: 'every upgrade is answered in time',
  guarantee: 'G17',
  description:
    'Admitted or refused within the bounds of authentication and emergency, while no fault affects server or network.',
  when: 'always',
  check: ({ observations, world }) => observations.upgrades.missed(world.nowMs),
};

export const refusalsArriveWhole: Invariant<View> = {
  name: 'a refusal is a complete HTTP response',
  guarantee: 'G17',
  description: 'The client receives all of it; a 429 has a Retry-After in whole seconds.',
  when: 'always',
  check: (view) => violation(view, 'refusal'),
};

export const expectationsComeTrue: Invariant<View> = {
  name: 'the expectations of the scenario hold',
  guarantee: 'G4',
  description: 'The exact expectations that a named scenario has at certain moments.',
  when: 'always',
  check: ({ unmetExpectations }) => unmetExpectations[0],
};
