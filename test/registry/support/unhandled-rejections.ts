/** Fails a test of the calling file that leaves a rejection without a handler. */
import { afterEach, beforeEach, expect } from 'vitest';
import { sleep } from './waiting.ts';

export function expectNoUnhandledRejections(): void {
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown): void => void unhandled.push(error);

  beforeEach(() => {
    unhandled.length = 0;
    process.on('unhandledRejection', onUnhandled);
  });

  afterEach(async () => {
    await sleep(5);
    process.off('unhandledRejection', onUnhandled);
    expect(unhandled).toEqual([]);
  });
}
