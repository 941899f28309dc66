/** The error guard of an upgrade, and its waits for the code of the application. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Deferred } from '../../../src/internal/deferred.ts';
import { interruptible, runSteps, type Steps } from '../../../src/upgrade/interruptible-steps.ts';
import { guard, streamsOf, unguard, unguardWhenOver } from '../../../src/upgrade/socket-guard.ts';
import { pass, request, Wire } from '../support/wire.ts';

beforeEach(() => void vi.useFakeTimers());

afterEach(() => void vi.useRealTimers());

describe('socket guards', () => {
  test('the guard of an upgrade keeps an error of either stream from ending the process', () => {
    const [socket, below] = [new Wire(), new Wire()];
    const of = request({ socket: below });
    expect(streamsOf(of, below)).toEqual([below]);
    guard(of, socket);

    for (const wire of [socket, below]) {
      wire.emit('error', new Error('reset'));
      expect(wire.destroyed).toBe(true);
    }
  });

  test('the guard of an upgrade is taken off at once, or when the upgrade is over', async () => {
    const [socket, below] = [new Wire(), new Wire()];
    const of = request({ socket: below });
    guard(of, socket);
    unguard(of, socket);
    expect([socket.listenerCount('error'), below.listenerCount('error')]).toEqual([0, 0]);

    guard(of, socket);
    unguardWhenOver(of, socket, true);
    expect([socket.listenerCount('error'), below.listenerCount('error')]).toEqual([0, 1]);
    below.destroy();
    await pass(1);
    expect(below.listenerCount('error')).toBe(0);

    guard(of, socket);
    unguardWhenOver(of, socket, false);
    expect([socket.listenerCount('error'), below.listenerCount('error')]).toEqual([1, 0]);
  });
});

test('steps that wait for nothing are done synchronously', async () => {
  function* steps(waits: boolean): Steps<string> {
    if (waits) yield Promise.resolve();
    return 'done';
  }

  expect(runSteps(steps(false))).toBe('done');
  await expect(runSteps(steps(true))).resolves.toBe('done');
});

describe('interruptible waits', () => {
  test('an interruptible wait is interrupted once, and a later answer changes nothing', async () => {
    const late = vi.fn();
    const awaited = new Deferred<string>();
    const { promise, interrupt } = interruptible(awaited.promise, late);

    interrupt('gone');
    interrupt('gone again');
    awaited.reject('too late');

    await expect(promise).rejects.toBe('gone');
    await pass(0);
    expect(late.mock.calls).toEqual([['too late']]);
  });

  test('an interruptible wait is over when it has a value or an error', async () => {
    const late = vi.fn();
    const waits = [interruptible(Promise.resolve(7), late), interruptible(Promise.reject(8), late)];
    const answers = await Promise.allSettled(waits.map(({ promise }) => promise));
    for (const { interrupt } of waits) interrupt('gone');

    expect(answers).toEqual([
      { status: 'fulfilled', value: 7 },
      { status: 'rejected', reason: 8 },
    ]);
    expect(late).not.toHaveBeenCalled();
  });
});
