import { readFileSync } from 'node:fs';
import { DataPointType, type Histogram } from '@opentelemetry/sdk-metrics';
import { describe, expect, test } from 'vitest';
import { WebSocketManagerRegistry } from '../../src/index.ts';
import { instrument } from '../../src/telemetry/otel.ts';
import { bench, contextOf } from '../registry/support/bench.ts';
import { until } from '../registry/support/waiting.ts';
import { collector, values } from './collector.ts';

describe('metrics', () => {
  test('the metrics count managers by state, and connections', async () => {
    await using made = await bench({ reconnectGraceMs: 30_000, closeTimeoutMs: 200 });
    const { provider, collect } = collector();
    using _instrumentation = instrument(made.registry, { meterProvider: provider });
    await made.connectClient('ada', 'one');
    await made.connectClient('ada', 'two');
    await made.registry.acquire(contextOf('bob', 'one'));
    const mute = await made.connectUnresponsive('bob', 'two');
    const closed = mute.close();

    const found = await collect();

    expect(values(found.get('leaktight.manager.count'))).toEqual({
      'state=active': 2,
      'state=idle': 1,
      'state=closing': 1,
    });
    expect(values(found.get('leaktight.connection.count'))).toEqual({ '': 3 });
    await closed;
  });

  test('the metrics count a cleanup by kind and outcome, an emergency by its seconds, and a refusal by its limit', async () => {
    await using made = await bench({ maxManagersPerUser: 2, proactiveThreshold: 1 });
    const { provider, collect } = collector();
    using _instrumentation = instrument(made.registry, { meterProvider: provider });
    await made.connectClient('ada', 'one');
    await made.registry.cleanup('ada');
    await made.connectUnresponsive('ada', 'two');
    await made.connectClient('ada', 'three'); // The mute one made room.
    await until(() => made.registry.stats().cleanupsFinished.emergency === 1);
    const refused = await made.registry.acquire(contextOf('ada', 'four')).catch((error) => error);
    const stats = made.registry.stats();

    const found = await collect();

    expect(refused.code).toBe('ERR_LEAKTIGHT_MANAGER_LIMIT');
    const cleanups = values(found.get('leaktight.cleanups'));
    expect(cleanups).toMatchObject({
      'kind=requested outcome=done': 1,
      'kind=emergency outcome=room': 1,
    });
    expect(Object.values(cleanups).reduce((sum: number, n) => sum + Number(n), 0)).toBe(
      Object.values(stats.cleanupsFinished).reduce((sum, n) => sum + n, 0),
    );
    expect(values(found.get('leaktight.limit.rejections'))).toEqual({
      'scope=user': stats.limitsReached,
    });
    const { 'outcome=room': seconds, ...others } = values(
      found.get('leaktight.emergency.duration'),
    );
    expect(others).toEqual({});
    expect(seconds).toMatchObject({ count: 1, buckets: { boundaries: expect.any(Array) } });
    const { buckets, sum = 0 } = seconds as Histogram;
    // The probe of the mute tab took 60 ms: seconds, not milliseconds.
    expect(sum).toBeGreaterThanOrEqual(0.05);
    expect(sum).toBeLessThan(10);
    expect(buckets.boundaries.at(-1)).toBe(10);
  });

  test('the metrics count a security violation', async () => {
    await using made = await bench();
    const { provider, collect } = collector();
    using _instrumentation = instrument(made.registry, { meterProvider: provider });
    const manager = await made.registry.acquire(contextOf('ada', 'one'));
    const { socket } = await made.pair();
    expect(() => manager.connect(socket, { context: contextOf('eve', 'one') })).toThrow();
    socket.terminate();

    const found = await collect();

    expect(values(found.get('leaktight.security.violations'))).toEqual({
      'kind=foreign-context': 1,
    });
  });

  test('the metrics have stable names and units', async () => {
    await using made = await bench({ maxManagersPerUser: 1 });
    const { provider, collect } = collector();
    using _instrumentation = instrument(made.registry, { meterProvider: provider });
    const manager = await made.connectClient('ada', 'one');
    await made.registry.acquire(contextOf('ada', 'two')).catch(() => {});
    const { socket } = await made.pair();
    expect(() => manager.connect(socket, { context: contextOf('eve', 'one') })).toThrow();
    socket.terminate();

    const found = [...(await collect()).values()].map(
      ({ descriptor: { name, unit }, dataPointType }) => [name, unit, DataPointType[dataPointType]],
    );

    expect(found.toSorted()).toEqual([
      ['leaktight.cleanups', '{cleanup}', 'SUM'],
      ['leaktight.connection.count', '{connection}', 'SUM'],
      ['leaktight.emergency.duration', 's', 'HISTOGRAM'],
      ['leaktight.limit.rejections', '{rejection}', 'SUM'],
      ['leaktight.manager.count', '{manager}', 'SUM'],
      ...('queuedMessages' in made.registry.stats()
        ? [['leaktight.outbox.depth', '{message}', 'SUM']]
        : []),
      ['leaktight.security.violations', '{violation}', 'SUM'],
    ]);
    const readme = readFileSync('README.md', 'utf8');
    for (const [name, unit] of found) expect(readme).toContain(`| \`${name}\` | \`${unit}\` |`);
  });

  test('the metrics name no user, thread or key', async () => {
    await using made = await bench({ maxManagersPerUser: 1 });
    const { provider, collect } = collector();
    using _instrumentation = instrument(made.registry, { meterProvider: provider });
    const manager = await made.connectClient('ada-the-secret-one', 'one');
    await made.registry.acquire(contextOf('ada-the-secret-one', 'two')).catch(() => {});
    const { socket } = await made.pair();
    expect(() => manager.connect(socket, { context: contextOf('eve', 'one') })).toThrow();
    socket.terminate();

    const attributes = [...(await collect()).values()].flatMap(({ dataPoints }) =>
      dataPoints.map((point) => point.attributes),
    );

    expect(JSON.stringify(attributes)).not.toMatch(/ada|eve|thread|isolation/);
  });

  test('the metrics have the depth of the outboxes when the registry has it', async () => {
    const { provider, collect } = collector();
    const registry = new WebSocketManagerRegistry();
    const stats = registry.stats();
    registry.stats = () => ({ ...stats, queuedMessages: 7 });
    using _instrumentation = instrument(registry, { meterProvider: provider });

    expect(values((await collect()).get('leaktight.outbox.depth'))).toEqual({ '': 7 });
  });
});
