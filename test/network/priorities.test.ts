/** Schedules by priorities: what they find, what they keep, and how long they hold something back. */
import net from 'node:net';
import { describe, expect, test } from 'vitest';
import type { Schedule } from '../../sim/scenario/scenario.ts';
import { assertScenario } from '../../sim/scenario/validate.ts';
import { type Boot, now, plainNetwork, type RunOptions, run, runClean } from '../run/support.ts';

const priorities = (fields: object = {}): Schedule => ({
  kind: 'priorities',
  changePoints: 2,
  windowMs: 500,
  withinMs: 300,
  ...fields,
});

const quiet = () => {};

/** Calls `heard` with each line that arrives at port 80, and answers with what that gives. */
function lineServer(heard: (line: string) => string | undefined): Boot {
  return () => {
    const server = net.createServer((socket) => {
      socket.on('error', quiet);
      onLines(socket, (line) => {
        const answer = heard(line);
        if (answer !== undefined) socket.write(`${answer}\n`);
      });
    });
    server.listen(80);
  };
}

function onLines(socket: net.Socket, heard: (line: string) => void): void {
  let rest = '';
  socket.on('data', (data) => {
    const lines = `${rest}${data}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) heard(line);
  });
}

/**
 * A server with a mistake in it: it relies on its settings being there by the time a visitor makes a second request,
 * since those are two round trips later. They come over another connection, and nothing says so.
 */
async function isMistakeFound(seed: number, schedule?: Schedule): Promise<boolean> {
  let isSet = false;
  let isBroken = false;
  const hosts: Record<string, Boot> = {
    server: lineServer((line) => {
      if (line === 'settings') isSet = true;
      if (line === 'second' && !isSet) isBroken = true;
      return line;
    }),
    admin: () => {
      net.connect(80, 'server').write('settings\n');
    },
    visitor: () => {
      const socket = net.connect(80, 'server');
      socket.write('hello\n');
      const next = new Map([
        ['hello', 'first'],
        ['first', 'second'],
      ]);
      onLines(socket, (line) => {
        const request = next.get(line);
        if (request !== undefined) socket.write(`${request}\n`);
      });
    },
  };
  await runClean(hosts, {
    seed,
    network: { latencyMs: { min: 1, max: 20 }, ...(schedule === undefined ? {} : { schedule }) },
  });
  return isBroken;
}

async function countFound(seeds: number, schedule?: Schedule): Promise<number> {
  let found = 0;
  for (let seed = 1; seed <= seeds; seed++) if (await isMistakeFound(seed, schedule)) found += 1;
  return found;
}

test('a mistake about the order of two connections is found far more often than by latencies', async () => {
  const seeds = 150;

  const byLatencies = await countFound(seeds);
  const byPriorities = await countFound(seeds, priorities());

  expect(byLatencies).toBeLessThan(seeds / 20);
  expect(byPriorities).toBeGreaterThan(seeds / 5);
});

describe('a schedule by priorities', () => {
  /** Three clients that talk all the time, each in order. */
  const talkers = (arrivals: string[]): Record<string, Boot> => {
    const talker =
      (name: string): Boot =>
      () => {
        const socket = net.connect(80, 'server');
        for (let number = 0; number < 40; number++) {
          setTimeout(() => socket.write(`${name} ${number}\n`), 5 * number);
        }
      };
    const server = lineServer((line) => {
      arrivals.push(line);
      return undefined;
    });
    return { server, a: talker('a'), b: talker('b'), c: talker('c') };
  };

  const options = (seed: number, schedule: Schedule): RunOptions => ({
    seed,
    durationMs: 2_000,
    network: { segmentBytes: { min: 1, max: 3 }, latencyMs: { min: 1, max: 9 }, schedule },
  });

  test('a schedule by priorities keeps the bytes of every connection in order, and loses none', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const arrivals: string[] = [];
      await runClean(talkers(arrivals), options(seed, priorities({ changePoints: 8 })));

      for (const name of ['a', 'b', 'c']) {
        const ofName = arrivals.filter((line) => line.startsWith(name));
        expect(ofName).toEqual(Array.from({ length: 40 }, (_, number) => `${name} ${number}`));
      }
    }
  });

  test('a schedule by priorities is the same for the same seed, and differs for another', async () => {
    const digestOf = async (seed: number) =>
      (await runClean(talkers([]), options(seed, priorities()))).digest;

    expect(await digestOf(3)).toBe(await digestOf(3));
    expect(await digestOf(3)).not.toBe(await digestOf(4));
  });

  test('without a schedule the order is random', async () => {
    const { schedule: _, ...network } = options(1, { kind: 'random' }).network ?? {};
    const without = await runClean(talkers([]), { ...options(1, { kind: 'random' }), network });
    const random = await runClean(talkers([]), options(1, { kind: 'random' }));

    expect(random.digest).toBe(without.digest);
  });
});

/** By then every handshake is over, however long it was held. */
const sentMs = 300;

/** When a message arrives that is sent at 300 ms, while two others talk back and forth without a pause. */
async function arrivalMs(seed: number, schedule: Schedule): Promise<number> {
  let arrivedMs = Number.NaN;
  const hosts: Record<string, Boot> = {
    server: lineServer((line) => {
      if (line === 'late') arrivedMs = now();
      return line;
    }),
    quiet: () => {
      const socket = net.connect(80, 'server');
      socket.on('data', quiet);
      setTimeout(() => socket.write('late\n'), sentMs);
    },
    loud: () => {
      const socket = net.connect(80, 'server');
      socket.write('ping\n');
      onLines(socket, (line) => socket.write(`${line}\n`));
    },
  };
  await runClean(hosts, { seed, network: { ...plainNetwork, schedule } });
  return arrivedMs;
}

describe('what is due in a connection of low priority', () => {
  const latencyMs = 1;
  const windowMs = 60;

  async function arrivals(fields: object): Promise<number[]> {
    const all: number[] = [];
    for (let seed = 1; seed <= 30; seed++) {
      all.push(await arrivalMs(seed, priorities({ windowMs, withinMs: 290, ...fields })));
    }
    return all;
  }

  test('an event of a connection of low priority waits for those above it at most as long as the window', async () => {
    const all = await arrivals({ changePoints: 0 });

    expect(all.every((atMs) => atMs >= sentMs + latencyMs)).toBe(true);
    expect(Math.max(...all)).toBe(sentMs + latencyMs + windowMs);
    expect(Math.min(...all)).toBe(sentMs + latencyMs);
  });

  test('an event of a connection of low priority goes first once the others have fallen below it', async () => {
    const before = await arrivals({ changePoints: 0 });
    // Until then the loud one alone has its turn: both of its directions fall, whatever they had drawn.
    const after = await arrivals({ changePoints: 40 });

    const held = (all: readonly number[]) => all.filter((atMs) => atMs > sentMs + 10).length;
    expect(held(before)).toBeGreaterThan(5);
    expect(held(after)).toBe(0);
  });
});

describe('a schedule that is none is refused', () => {
  const valid = {
    format: 1 as const,
    name: 'test',
    seed: 1,
    actions: [],
    faults: [],
    durationMs: 1_000,
    settleMs: 0,
    settings: null,
  };
  const check = (schedule: unknown) => () =>
    assertScenario({ ...valid, network: { ...plainNetwork, schedule: schedule as Schedule } });

  test.each([
    [null, 'scenario.network.schedule must be an object, got null'],
    [{ kind: 'fair' }, 'scenario.network.schedule.kind must be random or priorities, got "fair"'],
    [
      priorities({ changePoints: -1 }),
      'scenario.network.schedule.changePoints must be an integer from 0, got -1',
    ],
    [
      priorities({ windowMs: 0.5 }),
      'scenario.network.schedule.windowMs must be a whole number of milliseconds, got 0.5',
    ],
    [
      priorities({ withinMs: undefined }),
      'scenario.network.schedule.withinMs must be a whole number of milliseconds, got undefined',
    ],
  ])('%j', (schedule, message) => {
    expect(check(schedule)).toThrow(message);
  });

  test('and one that is one is not', async () => {
    expect(check(priorities())).not.toThrow();
    expect(check({ kind: 'random' })).not.toThrow();
    expect((await run({}, { network: { schedule: priorities() } })).verdict).toBe('passed');
  });
});
