/** How latencies are distributed, and what a limited bandwidth does. */
import type net from 'node:net';
import { expect, test } from 'vitest';
import { RandomSource } from '../../sim/engine/random.ts';
import { drawLatencyMs } from '../../sim/network/latency.ts';
import type { NetworkProfile } from '../../sim/scenario/scenario.ts';
import { plainNetwork } from '../run/support.ts';
import { later, nothing, seenIn } from './tcp-support.ts';

function draw(profile: Partial<NetworkProfile>): number[] {
  const random = new RandomSource(7).for('latency');
  const network = { ...plainNetwork, latencyMs: { min: 10, max: 1_010 }, ...profile };
  return Array.from({ length: 10_000 }, () => drawLatencyMs(random, network)).sort((a, b) => a - b);
}

const quantile = (sorted: readonly number[], share: number) =>
  sorted[Math.floor(sorted.length * share)];

test('uniform latencies are spread over their range', () => {
  for (const latencies of [draw({}), draw({ latencyDistribution: 'uniform' })]) {
    expect(quantile(latencies, 0.5)).toBeCloseTo(510, -2);
    expect(latencies.at(-1)).toBe(1_010);
    expect(latencies[0]).toBe(10);
  }
});

test('lognormal latencies gather below, and never leave their range', () => {
  const latencies = draw({ latencyDistribution: 'lognormal' });

  expect(quantile(latencies, 0.5)).toBeGreaterThan(125);
  expect(quantile(latencies, 0.5)).toBeLessThan(145);
  expect(quantile(latencies, 0.84)).toBeGreaterThan(320);
  expect(quantile(latencies, 0.97)).toBeLessThan(1_010);
  expect(latencies.at(-1)).toBe(1_010);
  expect(latencies[0]).toBeGreaterThanOrEqual(10);
});

test('latencies with a heavy tail are short, and now and then very long', () => {
  const latencies = draw({ latencyDistribution: 'heavy-tail' });

  expect(latencies[0]).toBe(10);
  expect(quantile(latencies, 0.45)).toBe(10);
  expect(quantile(latencies, 0.9)).toBeLessThan(22);
  expect(quantile(latencies, 0.99)).toBeGreaterThan(80);
  expect(latencies.at(-1)).toBeGreaterThan(800);
  expect(latencies.at(-1)).toBeLessThanOrEqual(1_010);
});

test('a range of one value is that value, whatever its distribution', () => {
  for (const latencyDistribution of ['uniform', 'lognormal', 'heavy-tail'] as const) {
    const latencies = draw({ latencyMs: { min: 3, max: 3 }, latencyDistribution });

    expect([latencies[0], latencies.at(-1)]).toEqual([3, 3]);
  }
});

test('a limited bandwidth lets segments leave one after the other', async () => {
  const seen = await seenIn(
    nothing,
    (socket: net.Socket) => {
      later(90, () => socket.write('a'.repeat(30)));
      later(300, () => socket.write('late'));
    },
    { network: { bandwidthBytesPerSecond: 100, segmentBytes: { min: 10, max: 10 } } },
  );

  const ten = 'a'.repeat(10);
  expect(seen).toEqual([
    '12 client connect',
    `201 server data ${ten}`,
    `301 server data ${ten}`,
    `401 server data ${ten}`,
    '441 server data late',
  ]);
});

test('each direction has its bandwidth for itself', async () => {
  const seen = await seenIn(
    (socket) => later(87, () => socket.write('x'.repeat(10))),
    (socket) => later(90, () => socket.write('x'.repeat(10))),
    { network: { bandwidthBytesPerSecond: 100 } },
  );

  expect(seen.map((line) => line.slice(0, 10)).sort()).toEqual([
    ...['12 client ', '201 client', '201 server'],
  ]);
});
