/** G17 and what a scenario knows of its own course. */
import type { Invariant } from '../../../run/invariant.ts';
import type { View } from '../view.ts';
import { violation } from './support.ts';

export const upgradesAreAnswered: Invariant<View> = {
  name: 'every upgrade is answered in time',
  guarantee: 'G17',
  description:
    'Admitted or refused within the bounds of authentication and emergency, while server and network are well.',
  when: 'always',
  check: ({ observations, world }) => observations.upgrades.missed(world.nowMs),
};

export const refusalsArriveWhole: Invariant<View> = {
  name: 'a refusal is a whole HTTP answer',
  guarantee: 'G17',
  description: 'The client receives it to the end; a 429 says in whole seconds when to come back.',
  when: 'always',
  check: (view) => violation(view, 'refusal'),
};

export const expectationsComeTrue: Invariant<View> = {
  name: 'the scenario goes as it must',
  guarantee: 'G4',
  description: 'The exact expectations that a named scenario has at certain moments.',
  when: 'always',
  check: ({ unmetExpectations }) => unmetExpectations[0],
};
