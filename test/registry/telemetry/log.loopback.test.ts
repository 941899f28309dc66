import { describe, expect, test } from 'vitest';
import type { HookErrorEvent, Logger } from '../../../src/index.ts';
import { bench, contextOf } from '../support/bench.ts';
import { expectNoUnhandledRejections } from '../support/unhandled-rejections.ts';
import { once } from '../support/waiting.ts';

interface Line {
  readonly level: string;
  readonly fields: object;
  readonly message: string;
}

function memoryLogger(): { readonly lines: Line[]; readonly logger: Logger } {
  const lines: Line[] = [];
  const at = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { lines, logger };
}

expectNoUnhandledRejections();

describe('the log', () => {
  test('the log has one line for the creation and one for the cleanup of a manager', async () => {
    const { lines, logger } = memoryLogger();
    await using made = await bench({ logger });
    const context = contextOf('ada', 'tab-1');
    const manager = await made.registry.acquire(context);
    await made.registry.release(manager);

    const who = `user=ada thread_id=${context.threadId} isolation_key=ada:${context.threadId}`;
    expect(lines.map(({ message }) => message)).toEqual([
      `manager created: ${who} (1/20)`,
      `manager cleanup: ${who} reason=released (0/20)`,
    ]);
    expect(lines[0]).toMatchObject({
      level: 'info',
      fields: {
        userId: 'ada',
        threadId: context.threadId,
        isolationKey: context.isolationKey,
        count: 1,
        limit: 20,
      },
    });
  });

  test('the log has a line for the start and the end of each cleanup, and for the limit', async () => {
    const { lines, logger } = memoryLogger();
    await using made = await bench({ logger, maxManagersPerUser: 5, birthGraceMs: 60_000 });
    for (const client of ['1', '2', '3', '4', '5']) {
      await made.registry.acquire(contextOf('ada', `tab-${client}`));
    }
    await made.registry.acquire(contextOf('ada', 'late')).catch(() => {});

    const messages = lines.map(({ message }) => message);
    expect(messages).toContain('proactive cleanup started: user=ada at 60% capacity (3/5)');
    expect(messages).toContainEqual(
      expect.stringMatching(
        /^proactive cleanup finished: user=ada outcome=done probed=0 removed=0 after \d+ ms \(\d\/5\)$/,
      ),
    );
    expect(messages).toContain('emergency cleanup started: user=ada at 100% capacity (5/5)');
    expect(messages).toContainEqual(
      expect.stringMatching(
        /^emergency cleanup finished: user=ada outcome=full probed=0 removed=0 after \d+ ms \(5\/5\)$/,
      ),
    );
    expect(messages.at(-1)).toMatch(
      /^manager limit reached: user=ada thread_id=\S+ isolation_key=\S+ scope=user retry after \d+ ms \(5\/5\)$/,
    );
    expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(3);
  });

  test('a logger that throws is reported and changes nothing', async () => {
    const fail = (): never => {
      throw new Error('disk full');
    };
    const logger = { debug: fail, info: fail, warn: fail, error: fail };
    await using made = await bench({ logger });
    const errors: HookErrorEvent[] = [];
    made.registry.on('hookError', (event) => errors.push(event));

    const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));

    expect(manager.state).toBe('open');
    expect(errors).toEqual([{ hook: 'logger', error: new Error('disk full') }]);
    expect(made.registry.stats()).toMatchObject({ managersCreated: 1, hookErrors: 1 });
  });
});

test('a logger that rejects is reported and changes nothing', async () => {
  const rejects = () => Promise.reject(new Error('log'));
  const logger = { debug: rejects, info: rejects, warn: rejects, error: rejects } as Logger;
  await using made = await bench({ logger });
  const reported = once<HookErrorEvent>(made.registry, 'hookError');

  const manager = await made.registry.acquire(contextOf('ada', 'tab-1'));

  expect(manager.state).toBe('open');
  expect(await reported).toMatchObject({ hook: 'logger', error: new Error('log') });
});
