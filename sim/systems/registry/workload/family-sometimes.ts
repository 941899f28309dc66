/** The states that each family must reach at least once in a campaign. `sometimes/` defines their names. */

const atTheLimit = [
  'an acquire was refused at the limit',
  'an upgrade was refused: 429',
  'an emergency cleanup ended: full',
] as const;

const roomMade = [
  'an emergency cleanup ended: room',
  'an emergency cleanup removed a manager',
  'a queue for room was served',
] as const;

/** Every branch of the cleanups before the limit. */
const cleanedUp = [
  'a proactive cleanup started',
  'a proactive cleanup was skipped in its cooldown',
  'a proactive cleanup ended: done',
  'a proactive cleanup ended: interrupted',
  'a proactive cleanup removed a manager',
  'a proactive cleanup removed no manager',
  'a proactive cleanup removed a dead manager',
  'a proactive cleanup removed an empty manager',
  'a requested cleanup ended: done',
  'a requested cleanup ended: interrupted',
  'a requested cleanup removed a manager',
  'a requested cleanup removed no manager',
  'a requested cleanup removed a dead manager',
  'two cleanups of one user ran at once',
  'a cleanup removed a manager whose connection was closing',
  'a cleanup spared a new manager',
  'a cleanup spared an empty manager within its grace',
] as const;

/** Every branch of the emergency cleanup and of its consequences. */
const emergencies = [
  ...atTheLimit,
  ...roomMade,
  'an emergency cleanup ended: interrupted',
  'an emergency cleanup found all peers unresponsive',
  'an emergency cleanup found a manager that was closing',
  'several acquires shared an emergency cleanup',
  'an emergency cleanup removed no manager',
  'an emergency cleanup removed a dead manager',
  'an emergency cleanup removed an empty manager',
  'an emergency cleanup removed no more empty managers than it needed',
  'an emergency cleanup terminated a peer',
  'an emergency cleanup took all the time it had',
  'an empty manager made room within the cooldown',
  'a user was refused within the cooldown',
  'an eviction successor got the slot of an evicted manager',
  'an acquire waited for the end of its own key',
] as const;

/** The results of a probe. */
const probed = [
  'a probe found a peer alive',
  'a probe could not be made',
  'a peer disconnected while it was probed',
  'a ping threw',
  'the event loop was paused during a cleanup',
] as const;

const states: Readonly<Record<string, readonly string[]>> = {
  swarm: [
    ...cleanedUp,
    ...emergencies,
    ...probed,
    'a manager was removed after its grace period',
    'a manager without any connection was removed at once',
    'a connection was disconnected by policy: heartbeat',
    'a connection was disconnected by policy: slow-reader',
    'a connection lost its id to another',
    'a socket closed during its upgrade',
    'an upgrade was refused: 503',
    'an outbox was replayed',
    'messages were dropped: outbox-full',
    'messages were dropped: outbox-expired',
    'messages were dropped: manager-removed',
    'messages were dropped: manager-closed',
    'messages were dropped: slow-reader',
    'a drain ran in batches',
    'a drain ended by itself',
    'a drain had to terminate a connection',
  ],
  'cold-start': [...atTheLimit, ...roomMade, 'a user was refused within the cooldown'],
  reconnect: ['a connection was disconnected by policy: heartbeat', 'an outbox was replayed'],
  'cleanup-race': ['a requested cleanup removed a manager', 'a probe found a peer alive'],
  emergency: [...roomMade, 'an emergency cleanup found all peers unresponsive'],
  'slow-reader': [
    'a connection was disconnected by policy: slow-reader',
    'a connection was disconnected by policy: heartbeat',
    'messages were dropped: slow-reader',
  ],
  'hostile-client': [
    'a socket closed during its upgrade',
    'a peer broke the protocol',
    'a connection was disconnected by policy: frame-rate',
    'a connection was disconnected by policy: message-size',
    ...[400, 401, 403, 426].map((status) => `an upgrade was refused: ${status}`),
  ],
  'laptop-lid': ['a connection was disconnected by policy: heartbeat', 'an outbox was replayed'],
  'rolling-deploy': ['a drain ran in batches', 'a drain ended by itself'],
  'event-loop-stall': [
    ...atTheLimit,
    'a probe found a peer alive',
    'the event loop was paused during a cleanup',
  ],
  'zombie-proxy': [
    ...atTheLimit,
    'a connection was disconnected by policy: age',
    'a connection was disconnected by policy: silence',
  ],
};

/** The states that the runs of a scenario must reach: none for an unknown scenario. */
export function sometimesOf(scenarioName: string): readonly string[] {
  return states[scenarioName] ?? [];
}
