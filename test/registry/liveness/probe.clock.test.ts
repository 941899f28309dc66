/** One probe by itself: what is a sign of life, and when it has its verdict. */
import { describe, expect, test, vi } from 'vitest';
import { kBytesRead, kSockets, kWatch } from '../../../src/internal/symbols.ts';
import { probe, type Verdict } from '../../../src/liveness/probe.ts';
import type { WebSocketManager } from '../../../src/manager.ts';
import { type Peer, peer, READING_MS, says, useStallingClock } from '../support/pinged-peer.ts';

const { pass, stall } = useStallingClock();

/** A probe of a manager with these peers, and 1,000 ms. */
function probed(...peers: Peer[]) {
  let told = (): void => {};
  const unwatch = vi.fn();
  const manager = {
    state: 'open',
    [kSockets]: () => peers,
    [kWatch]: (call: () => void) => {
      told = call;
      return unwatch;
    },
  };
  let verdict: Verdict | undefined;
  void probe(manager as unknown as WebSocketManager, 1_000).then((found) => {
    verdict = found;
  });
  return {
    manager,
    peers,
    unwatch,
    /** Something has happened to the manager or a peer of it. */
    tell: async (): Promise<Verdict | undefined> => {
      told();
      await pass(0);
      return verdict;
    },
    verdict: () => verdict,
  };
}

describe('probes', () => {
  test('a probe waits for its time to be up, and then finds mute peers dead', async () => {
    const { verdict, tell, unwatch } = probed(peer(), peer());

    await pass(1_000);
    expect(await tell()).toBeUndefined();
    await pass(READING_MS);

    expect(verdict()).toBe('dead');
    expect(unwatch).toHaveBeenCalledOnce();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a probe has its verdict with the first frame of any peer', async () => {
    const [mute, alive] = [peer(), peer()];
    const { tell } = probed(mute, alive);
    says(alive);

    expect(await tell()).toBe('alive');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a probe has its verdict when another connection comes', async () => {
    const { tell, peers } = probed(peer());
    peers.push(peer());

    expect(await tell()).toBe('alive');
  });

  test.each([
    ['bytes that came', (one: Peer) => void Object.assign(one, { [kBytesRead]: 1 })],
    [
      'a backlog that shrank',
      (one: Peer) => void Object.assign(one.socket._socket._handle, { writeQueueSize: 40 }),
    ],
  ])('a probe takes %s for a sign of life, at the end', async (_what, live) => {
    const one = peer();
    Object.assign(one.socket._socket, { _bytesDispatched: 100, _handle: { writeQueueSize: 50 } });
    const { tell, verdict } = probed(one);
    live(one);

    expect(await tell()).toBeUndefined();
    await pass(1_000 + READING_MS);

    expect(verdict()).toBe('alive');
  });

  test.each([
    ['has lost its last socket', ({ peers }: ReturnType<typeof probed>) => void peers.pop()],
    [
      'is closing',
      ({ manager }: ReturnType<typeof probed>) => void Object.assign(manager, { state: 'closing' }),
    ],
  ])('a probe finds a manager gone that %s', async (_what, change) => {
    const made = probed(peer());
    change(made);

    expect(await made.tell()).toBe('gone');
  });

  test.each([
    ['was paused', (one: Peer) => void Object.assign(one.socket, { isPaused: true }), 'unknown'],
    [
      'cannot be pinged',
      (one: Peer) =>
        void one.socket.ping.mockImplementation(() => {
          throw new Error('no ping');
        }),
      'unknown',
    ],
    ['is closing', (one: Peer) => void Object.assign(one.socket, { readyState: 2 }), 'dead'],
  ])('a probe of a peer that %s has the verdict of that peer', async (_what, change, expected) => {
    const one = peer();
    change(one);
    const { verdict, tell } = probed(peer(), one);
    one.socket.isPaused = false;

    expect(await tell()).toBeUndefined();
    await pass(1_000 + READING_MS);

    expect(verdict()).toBe(expected);
  });

  test.each([
    [100, 'dead'],
    [101, undefined],
  ])('a probe that is %i ms late is by then %s', async (lateMs, expected) => {
    const { verdict } = probed(peer());
    await pass(999);
    stall(lateMs);

    await pass(1 + READING_MS);

    expect(verdict()).toBe(expected);
  });

  test('a probe that was late looks a second time, and no more', async () => {
    const { verdict } = probed(peer());
    await pass(999);
    stall(5_000);
    await pass(1);
    stall(5_000);

    await pass(100 + READING_MS);

    expect(verdict()).toBe('dead');
  });
});
