/**
 * The seeded bugs that invariants catch; those that properties catch are in `found-by-properties/`. To add one: a constant
 * in the file of its kind, a line here.
 */

import {
  answerNotAwaited,
  calmCloseUnbounded,
  closingNotCounted,
  noErrorListener,
  outboxByWallClock,
  releaseOnce,
  statsLeaveOutClosing,
  sweepGivesUp,
} from './books.ts';
import type { Bug } from './bug.ts';
import { backlogIsDeath, closingNotAwaited, emergencyUnbounded } from './cleanup.ts';
import {
  allEmptyGo,
  cooldownForgotten,
  cooldownFromTheStart,
  newcomerCountedTwice,
  newestFirst,
  oneHitAFlight,
  refusedUnasked,
} from './emergencies.ts';
import {
  closeDuringAuth,
  counterDrift,
  duplicateConnection,
  outboxLost,
  replacedTimers,
  sendDeadlock,
  slowReader,
  sweepDies,
  tabClosesThread,
} from './endings.ts';
import { flappingForgotten } from './flapping.ts';
import { ownSendsAreLife, stallIsSilence } from './heartbeat.ts';
import { issue108, keyPerMessage } from './identity.ts';
import {
  outboxOfTheUser,
  percentForgotten,
  sentToTheUser,
  userIsEnough,
  violationOnlyTold,
} from './isolation.ts';
import {
  doubleCreate,
  fallbackOutside,
  limitCheckThenAct,
  randomKey,
  telemetryInTheWay,
  unescapedKey,
} from './limits.ts';
import {
  busyDropped,
  evictOldestHalf,
  newbornKilled,
  probeErrorIsDeath,
  quietTabKilled,
  serialProbes,
  thresholdDrift,
  zombieTrusted,
} from './probes.ts';
import {
  claimStaysWanted,
  contentLengthDrift,
  headerWithoutEnd,
  retryAfterFraction,
  successorForgotten,
} from './refusals.ts';
import {
  accountGivenUp,
  disconnectKeepsManager,
  socketsLeftOpen,
  successorDeleted,
} from './release.ts';
import {
  acquireAfterShutdown,
  drainCutShort,
  emergencyInTheDrain,
  shutdownHangs,
} from './shutdown.ts';
import { wallClockExpiry } from './time.ts';
import { upgradeReset } from './upgrade.ts';

export const bugs: readonly Bug[] = [
  issue108,
  keyPerMessage,
  emergencyUnbounded,
  successorDeleted,
  disconnectKeepsManager,
  socketsLeftOpen,
  upgradeReset,
  closingNotAwaited,
  backlogIsDeath,
  randomKey,
  unescapedKey,
  doubleCreate,
  limitCheckThenAct,
  fallbackOutside,
  telemetryInTheWay,
  zombieTrusted,
  newbornKilled,
  quietTabKilled,
  serialProbes,
  probeErrorIsDeath,
  evictOldestHalf,
  thresholdDrift,
  busyDropped,
  sendDeadlock,
  replacedTimers,
  tabClosesThread,
  outboxLost,
  duplicateConnection,
  acquireAfterShutdown,
  closeDuringAuth,
  slowReader,
  shutdownHangs,
  drainCutShort,
  emergencyInTheDrain,
  counterDrift,
  sweepDies,
  wallClockExpiry,
  flappingForgotten,
  ownSendsAreLife,
  stallIsSilence,
  sentToTheUser,
  outboxOfTheUser,
  userIsEnough,
  violationOnlyTold,
  percentForgotten,
  closingNotCounted,
  newcomerCountedTwice,
  oneHitAFlight,
  cooldownFromTheStart,
  refusedUnasked,
  allEmptyGo,
  newestFirst,
  cooldownForgotten,
  calmCloseUnbounded,
  releaseOnce,
  successorForgotten,
  claimStaysWanted,
  headerWithoutEnd,
  contentLengthDrift,
  retryAfterFraction,
  answerNotAwaited,
  noErrorListener,
  statsLeaveOutClosing,
  sweepGivesUp,
  outboxByWallClock,
  accountGivenUp,
];
