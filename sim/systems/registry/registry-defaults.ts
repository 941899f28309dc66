/** The defaults that the guarantees state. Written out here, since an oracle must not ask the code that it judges. */
export const registryDefaults = {
  maxManagersPerUser: 20,
  proactiveThreshold: 0.6,
  proactiveCooldownMs: 1_000,
  birthGraceMs: 10_000,
  reconnectGraceMs: 30_000,
  closeTimeoutMs: 5_000,
  probeTimeoutMs: 2_000,
  emergencyDeadlineMs: 10_000,
  emergencyCooldownMs: 5_000,
  authenticationTimeoutMs: 5_000,
  heartbeatIntervalMs: 30_000,
  heartbeatTimeoutMs: 10_000,
  maxBufferedBytes: 4_194_304,
  outboxMaxMessages: 1_000,
  sweepIntervalMs: 120_000,
} as const;
