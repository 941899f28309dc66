/**
 * The names by which the parts of the registry reach into one another. They are not exported from the
 * package, so that what a user of a manager or a connection sees is only what is meant for users.
 */

export const kDerive: unique symbol = Symbol('derive');
export const kDerivedBy: unique symbol = Symbol('derivedBy');

export const kConnection: unique symbol = Symbol('connection');
export const kClose: unique symbol = Symbol('close');
export const kFailed: unique symbol = Symbol('failed');
export const kFrames: unique symbol = Symbol('frames');
export const kBytesRead: unique symbol = Symbol('bytesRead');
export const kMessageSeen: unique symbol = Symbol('messageSeen');
export const kPeerDone: unique symbol = Symbol('peerDone');
export const kDisconnect: unique symbol = Symbol('disconnect');
export const kPingBatch: unique symbol = Symbol('pingBatch');
export const kFramesWhenPinged: unique symbol = Symbol('framesWhenPinged');
export const kBytesReadWhenPinged: unique symbol = Symbol('bytesReadWhenPinged');
export const kProgressWhenPinged: unique symbol = Symbol('progressWhenPinged');
export const kOffer: unique symbol = Symbol('offer');
export const kBacklog: unique symbol = Symbol('backlog');
export const kWheelBucket: unique symbol = Symbol('wheelBucket');
export const kWheelIndex: unique symbol = Symbol('wheelIndex');

export const kHost: unique symbol = Symbol('host');
export const kUserSlots: unique symbol = Symbol('userSlots');
export const kBeginClose: unique symbol = Symbol('beginClose');
export const kAbandonMessages: unique symbol = Symbol('abandonMessages');
export const kCloseConnections: unique symbol = Symbol('closeConnections');
export const kFinishClose: unique symbol = Symbol('finishClose');
export const kFreeSlot: unique symbol = Symbol('freeSlot');
export const kEnded: unique symbol = Symbol('ended');
export const kNotify: unique symbol = Symbol('notify');
export const kWatch: unique symbol = Symbol('watch');
export const kFrameSeen: unique symbol = Symbol('frameSeen');
export const kConnectionGone: unique symbol = Symbol('connectionGone');
export const kCheckOwner: unique symbol = Symbol('checkOwner');
export const kSubject: unique symbol = Symbol('subject');
export const kSockets: unique symbol = Symbol('sockets');
export const kSlowReader: unique symbol = Symbol('slowReader');
export const kDisconnected: unique symbol = Symbol('disconnected');
export const kSocketCount: unique symbol = Symbol('socketCount');
export const kIdleLifetime: unique symbol = Symbol('idleLifetime');
export const kSnapshot: unique symbol = Symbol('snapshot');

export const kCore: unique symbol = Symbol('core');
