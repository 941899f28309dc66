/** The census of what is left counts each kind of thing that a process can forget to give back. */
import http from 'node:http';
import net from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { beforeTimers } from '../../sim/engine/event-queue.ts';
import { runUntil } from '../../sim/engine/loop.ts';
import {
  type CensusKind,
  censusOfFigures,
  censusOfNetwork,
  censusOfProcess,
  entriesLeft,
  joinCensuses,
  whatIsLeft,
} from '../../sim/run/census.ts';
import { World } from '../../sim/run/world.ts';
import { defaultNetwork } from '../../sim/scenario/scenario.ts';

let world: World | undefined;

afterEach(() => {
  world?.dispose();
  world = undefined;
});

/** A server whose process does `boot`, and a client that connects to it, after a second. */
async function runFor(boot: () => void): Promise<World> {
  const made = new World({ seed: 1, network: defaultNetwork });
  world = made;
  const hosts = [
    made.addHost('server', boot),
    made.addHost('client', () => {
      net.connect({ port: 8080, host: 'server' }).on('error', () => {});
    }),
  ];
  for (const [id, host] of hosts.entries()) {
    made.schedule({
      kind: 'boot',
      atMs: id,
      side: beforeTimers,
      owner: undefined,
      id,
      fire: () => made.boot(host),
    });
  }
  await runUntil(made.engine, 1_000, { watchdog: 'shared' });
  return made;
}

const countOf = (made: World, kind: CensusKind) =>
  entriesLeft(joinCensuses([censusOfProcess(made, made.host('server')), censusOfNetwork(made)]))
    .filter((entry) => entry.kind === kind)
    .map(({ count, what }) => `${count} ${what}`);

test('a census names the kind, the delay and the callback of each timer that waits', async () => {
  const made = await runFor(() => {
    setInterval(function beat() {}, 30_000);
    setTimeout(function give() {}, 5_000);
    setTimeout(function give() {}, 5_000);
  });

  expect(countOf(made, 'timer')).toEqual([
    '1 interval of 30000 ms (beat)',
    '2 timeout of 5000 ms (give)',
  ]);
});

test('a census counts sockets, ports, endpoints, connections and listeners', async () => {
  const made = await runFor(() => {
    process.once('SIGTERM', () => {});
    http.createServer().listen(8080);
  });

  expect(countOf(made, 'port')).toEqual(['1 listening port 8080']);
  expect(countOf(made, 'socket')).toEqual(['1 socket']);
  expect(countOf(made, 'endpoint')).toEqual(['1 open TCP endpoint']);
  expect(countOf(made, 'connection')).toEqual(['1 TCP connection']);
  expect(countOf(made, 'listener')).toContain('1 process on SIGTERM');
  expect(countOf(made, 'listener')).toContain('1 socket on error');
});

test('a comparison with a baseline tells in words what there is more of', () => {
  const before = censusOfFigures({ managers: 1, users: 1 });
  const after = censusOfFigures({ managers: 3, users: 1, waiting: 0 });

  expect(whatIsLeft(after, before)).toBe('2 managers');
  expect(whatIsLeft(before, after)).toBeUndefined();
  expect(whatIsLeft(after)).toBe('3 managers, 1 users');
});
