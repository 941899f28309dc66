/** The close codes that the registry sends. 1xxx are of RFC 6455 (7.4.1), 4xxx are ours. */
export const CLOSE_CODES = Object.freeze({
  /** The application closed the manager or the connection. */
  normal: 1000,
  /** The server shuts down: the client should reconnect to another one. */
  goingAway: 1001,
  /** The peer sends more frames than it may (`maxFramesPerSecond`). */
  tooManyFrames: 1008,
  /** The peer sent a message of more than `maxPayloadBytes`. */
  messageTooBig: 1009,
  /** The connection failed: a malformed frame, or an error of its socket. */
  failed: 1011,
  /** The upgrade was refused with `refuseWith: 'close'`: try again later. */
  tryAgainLater: 1013,
  /** The peer did not answer a ping. */
  unresponsive: 4408,
  /** Another connection took over this connection id. */
  replacedConnection: 4409,
  /** The connection reached `maxConnectionAgeMs`: the client should open a new one at once. */
  tooOld: 4410,
  /** No message from the peer for `maxSilenceMs`. */
  silent: 4411,
  /** The peer does not read what it is sent (`maxBufferedBytes`). */
  slowReader: 4412,
  /** The least recently active manager was evicted for a new one (`onLimit: 'replace-least-recent'`). */
  evicted: 4429,
});
