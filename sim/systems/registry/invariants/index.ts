/**
 * All invariants, in the order in which they are checked: the most specific first, since the first to break is
 * reported.
 */
import type { Invariant } from '../../../run/invariant.ts';
import type { SimulatedRegistry } from '../simulated-registry.ts';
import type { View } from '../view.ts';
import {
  connectedManagerStays,
  replacedIsTold,
  responsiveClientStays,
  silentPeerIsFound,
  slowReaderIsBounded,
} from './connections.ts';
import { acquireFailsForAReason, closedRegistryStaysClosed, outboxIsReplayed } from './delivery.ts';
import {
  emergencyBeforeRefusal,
  emergencyEnds,
  emergencyRemovesTheDead,
  emergencyTakesWhatItNeeds,
  limitHitHasARefusal,
} from './emergency.ts';
import {
  identityIsDerived,
  keyIsUserAndThread,
  keysMatch,
  liveManagerIsFound,
  noFrameReachesAnother,
  oneManagerAThread,
  trespassIsRefused,
} from './identity.ts';
import {
  cleanupSparesAnsweringPeers,
  countIsTrue,
  limitIsKept,
  managersInUseAreHeld,
  newManagerIsSpared,
  proactiveStartsInTime,
} from './limits.ts';
import {
  auditFindsNothing,
  callsSettle,
  countersAreTrue,
  drainIsGiven,
  emptyManagerGoes,
  hooksAreWell,
  nothingIsLeft,
  shutdownSettles,
  socketsGoWithTheirManager,
  sweepGoesOn,
} from './release.ts';
import { wallClockIsNotAsked } from './time.ts';
import { expectationsComeTrue, refusalsArriveWhole, upgradesAreAnswered } from './upgrade.ts';

const ofEachServer: readonly Invariant<View>[] = [
  identityIsDerived,
  keyIsUserAndThread,
  keysMatch,
  oneManagerAThread,
  liveManagerIsFound,
  noFrameReachesAnother,
  trespassIsRefused,
  limitIsKept,
  managersInUseAreHeld,
  socketsGoWithTheirManager,
  countIsTrue,
  proactiveStartsInTime,
  cleanupSparesAnsweringPeers,
  newManagerIsSpared,
  emergencyEnds,
  emergencyRemovesTheDead,
  emergencyTakesWhatItNeeds,
  emergencyBeforeRefusal,
  limitHitHasARefusal,
  connectedManagerStays,
  responsiveClientStays,
  silentPeerIsFound,
  replacedIsTold,
  slowReaderIsBounded,
  wallClockIsNotAsked,
  outboxIsReplayed,
  emptyManagerGoes,
  callsSettle,
  sweepGoesOn,
  shutdownSettles,
  drainIsGiven,
  closedRegistryStaysClosed,
  acquireFailsForAReason,
  upgradesAreAnswered,
  refusalsArriveWhole,
  expectationsComeTrue,
  hooksAreWell,
  auditFindsNothing,
  countersAreTrue,
  nothingIsLeft,
];

export const registryInvariants: readonly Invariant<SimulatedRegistry>[] = ofEachServer.map(
  (invariant) => ({
    ...invariant,
    check({ views }) {
      for (const view of views) {
        const detail = invariant.check(view);
        if (detail !== undefined) return detail;
      }
      return undefined;
    },
  }),
);
