/** Rows about clients that misbehave. */
import { type Row, stream } from './row.ts';

export const peerRows: readonly Row[] = [
  {
    fault: 'stop-reading',
    when: 'one tab of a user stops reading',
    mistake: 'each send waits for the previous one: all clients wait for the slowest',
    habits: { awaitsSends: true },
    breaks: 'each post is received exactly once',
    against: '`manager.send` waits for no peer (`maxBufferedBytes`, `slowReaderPolicy`)',
    actions: [
      { kind: 'connect', atMs: 1_000, client: 'ada.1' },
      { kind: 'connect', atMs: 2_000, client: 'ada.2', must: 'stay' },
      ...stream({ fromMs: 6_000, messages: 50, heardBy: ['ada.2'] }),
    ],
    trouble: [{ kind: 'stop-reading', atMs: 5_000, client: 'ada.1' }],
    durationMs: 60_000,
  },
  {
    fault: 'stop-reading',
    when: 'the only tab of a user stops reading',
    mistake: 'buffered bytes are not counted',
    breaks: 'the buffered bytes are bounded',
    against: '`maxBufferedBytes` and `slowReaderPolicy`',
    options: { maxBufferedBytes: 262_144 },
    disarm: { maxBufferedBytes: 2 ** 30 },
    actions: [
      { kind: 'connect', atMs: 1_000, client: 'ada.1' },
      ...stream({ fromMs: 6_000, messages: 100, heardBy: [] }),
    ],
    trouble: [{ kind: 'stop-reading', atMs: 5_000, client: 'ada.1' }],
    durationMs: 60_000,
  },
  {
    fault: 'broken-frame',
    when: 'a client sends bytes that are no WebSocket frame',
    mistake: 'the WebSocket has no `error` listener',
    breaks: 'no error is left uncaught',
    against: 'a manager listens on each of its connections',
    actions: [
      { kind: 'connect', atMs: 1_000, client: 'eve.1' },
      { kind: 'connect', atMs: 1_000, client: 'ada.1', must: 'stay' },
    ],
    trouble: [{ kind: 'broken-frame', atMs: 5_000, client: 'eve.1' }],
    durationMs: 30_000,
  },
];
