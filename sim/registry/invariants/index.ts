/** All invariants, in the order in which they are asked: the most particular first, since the first to break is reported. */
import type { Invariant } from '../../engine/invariant.ts';
import type { RegistrySystem } from '../system.ts';
import { expectationsComeTrue, refusalsArriveWhole, upgradesAreAnswered } from './door.ts';
import {
  identityIsDerived,
  keyIsUserAndThread,
  keysMatch,
  liveManagerIsFound,
  nobodyHearsAnother,
  oneManagerAThread,
} from './identity.ts';
import {
  cleanupSparesTheLiving,
  countIsTrue,
  emergencyEnds,
  limitHitHasARefusal,
  limitIsKept,
  newbornIsSpared,
  proactiveStartsInTime,
} from './limits.ts';
import {
  auditFindsNothing,
  callsSettle,
  countersAreTrue,
  emptyManagerGoes,
  hooksAreWell,
  nothingIsLeft,
  shutdownSettles,
  socketsGoWithTheirManager,
} from './release.ts';

export const registryInvariants: readonly Invariant<RegistrySystem>[] = [
  identityIsDerived,
  keyIsUserAndThread,
  keysMatch,
  oneManagerAThread,
  liveManagerIsFound,
  nobodyHearsAnother,
  limitIsKept,
  socketsGoWithTheirManager,
  countIsTrue,
  proactiveStartsInTime,
  cleanupSparesTheLiving,
  newbornIsSpared,
  emergencyEnds,
  limitHitHasARefusal,
  emptyManagerGoes,
  callsSettle,
  shutdownSettles,
  upgradesAreAnswered,
  refusalsArriveWhole,
  expectationsComeTrue,
  hooksAreWell,
  auditFindsNothing,
  countersAreTrue,
  nothingIsLeft,
];
