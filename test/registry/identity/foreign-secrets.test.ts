/** Contexts whose thread id another secret derived. */
import { describe, expect, test } from 'vitest';
import {
  InvalidContextError,
  UserExecutionContext,
  WebSocketManagerRegistry,
} from '../../../src/index.ts';
import { contextOf } from '../support/bench.ts';

const from = UserExecutionContext.fromWebSocketRequest;

describe('contexts of another secret', () => {
  test('acquire refuses a context derived with another secret, and takes a claimed one', async () => {
    await using registry = new WebSocketManagerRegistry({ identitySecret: 's3cret' });

    await expect(registry.acquire(contextOf('ada', 'tab-1'))).rejects.toThrow(InvalidContextError);
    await expect(registry.acquire(contextOf('ada', 'tab-1').child())).rejects.toThrow(
      InvalidContextError,
    );
    expect(registry.size).toBe(0);
    const claimed = await registry.acquire(from({ userId: 'ada', threadId: 'thread-7' }));
    expect(claimed.isolationKey).toBe('ada:thread-7');
  });
});
