/** Which states each family must reach at least once in a campaign: what it is there for. `sometimes/` gives them their names. */

const atTheLimit = [
  'a limit was refused',
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
  'a proactive cleanup was put off by its cooldown',
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
  'a cleanup spared the newborn',
  'a cleanup spared an empty manager within its grace',
] as const;

/** Every branch of the emergency cleanup, and of what follows it. */
const emergencies = [
  ...atTheLimit,
  ...roomMade,
  'an emergency cleanup ended: interrupted',
  'an emergency cleanup found all peers mute',
  'an emergency cleanup found a manager that was closing',
  'several acquires shared an emergency cleanup',
  'an emergency cleanup removed no manager',
  'an emergency cleanup removed a dead manager',
  'an emergency cleanup removed an empty manager',
  'an emergency cleanup took no more empty managers than it needed',
  'an emergency cleanup terminated a peer',
  'an emergency cleanup took all the time it had',
  'an empty manager made room within the cooldown',
  'a user was refused within the cooldown',
  'an eviction successor got the slot of an evicted manager',
  'an acquire waited for the end of its own key',
] as const;

/** What a probe can come to. */
const probed = [
  'a probe found a peer alive',
  'a probe could not be made',
  'a peer went while it was asked',
  'a ping threw',
  'the event loop stood still in a cleanup',
] as const;

const states: Readonly<Record<string, readonly string[]>> = {
  swarm: [
    ...cleanedUp,
    ...emergencies,
    ...probed,
    'a manager went after its grace',
    'a manager that no connection reached went at once',
    'a connection was expelled: heartbeat',
    'a connection was expelled: slow-reader',
    'a connection lost its id to another',
    'a socket died during its upgrade',
    'an upgrade was refused: 503',
    'an outbox was replayed',
    'messages were dropped: outbox-full',
    'messages were dropped: outbox-expired',
    'messages were dropped: manager-removed',
    'messages were dropped: manager-closed',
    'messages were dropped: slow-reader',
    'a drain went in batches',
    'a drain ended by itself',
    'a drain had to terminate a connection',
  ],
  'cold-start': [...atTheLimit, ...roomMade, 'a user was refused within the cooldown'],
  reconnect: ['a connection was expelled: heartbeat', 'an outbox was replayed'],
  'cleanup-race': ['a requested cleanup removed a manager', 'a probe found a peer alive'],
  emergency: [...roomMade, 'an emergency cleanup found all peers mute'],
  'slow-reader': [
    'a connection was expelled: slow-reader',
    'a connection was expelled: heartbeat',
    'messages were dropped: slow-reader',
  ],
  'hostile-client': [
    'a socket died during its upgrade',
    'a peer broke the protocol',
    'a connection was expelled: frame-rate',
    'a connection was expelled: message-size',
    ...[400, 401, 403, 426].map((status) => `an upgrade was refused: ${status}`),
  ],
  'laptop-lid': ['a connection was expelled: heartbeat', 'an outbox was replayed'],
  'rolling-deploy': ['a drain went in batches', 'a drain ended by itself'],
  'event-loop-stall': [
    ...atTheLimit,
    'a probe found a peer alive',
    'the event loop stood still in a cleanup',
  ],
  'zombie-proxy': [
    ...atTheLimit,
    'a connection was expelled: age',
    'a connection was expelled: silence',
  ],
};

/** The states that the runs of a scenario must reach sometimes: none for one that is not known. */
export function sometimesOf(scenarioName: string): readonly string[] {
  return states[scenarioName] ?? [];
}
