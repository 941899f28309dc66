/** Rows about the wall clock: it is set, or runs at a wrong speed. Nothing else fails. */
import type { Row } from './row.ts';

export const wallClockRows: readonly Row[] = [
  {
    fault: 'clock-jump',
    when: 'the clock of the server is set an hour ahead',
    mistake: 'idle time is measured with `Date.now()`: all clients seem silent for an hour',
    habits: { heartbeat: 'last-seen' },
    breaks: 'a responsive client is never disconnected',
    against: 'durations are monotonic',
    actions: [{ kind: 'connect', atMs: 1_000, client: 'ada.1', must: 'stay', talksEveryMs: 5_000 }],
    trouble: [{ kind: 'clock-jump', atMs: 13_000, host: 'server', byMs: 3_600_000 }],
    durationMs: 60_000,
  },
  {
    fault: 'clock-jump',
    when: 'the clock of the server is set back by an hour just after a client died',
    mistake: 'idle time is measured with `Date.now()`: dead connections stay for an hour',
    habits: { heartbeat: 'last-seen' },
    breaks: 'no connection outlives its client',
    against: 'durations are monotonic',
    actions: [{ kind: 'connect', atMs: 1_000, client: 'ada.1', talksEveryMs: 5_000 }],
    faults: [{ kind: 'power-loss', atMs: 20_000, host: 'ada.1' }],
    trouble: [{ kind: 'clock-jump', atMs: 21_000, host: 'server', byMs: -3_600_000 }],
    durationMs: 120_000,
  },
  {
    fault: 'clock-drift',
    when: 'the clock of the server stands',
    mistake: 'the rate limit is filled by `Date.now()`',
    breaks: 'a responsive client is never disconnected',
    against: 'durations are monotonic (`maxFramesPerSecond`)',
    settings: { messagesPerSecondMax: 2 },
    actions: [{ kind: 'connect', atMs: 1_000, client: 'ada.1', must: 'stay', talksEveryMs: 1_000 }],
    trouble: [
      { kind: 'clock-drift', atMs: 5_000, host: 'server', ppm: -1_000_000, durationMs: 60_000 },
    ],
    durationMs: 60_000,
  },
];
