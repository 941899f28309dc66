import { readFileSync } from 'node:fs';
import { type Meter, type MeterProvider as MeterSource, metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { InvalidOptionError, WebSocketManagerRegistry } from '../../src/index.ts';
import { instrument } from '../../src/telemetry/otel.ts';
import { bench, contextOf } from '../registry/support/bench.ts';
import { record } from '../registry/support/events.ts';
import { once, until } from '../registry/support/waiting.ts';

/** A provider whose metrics are read when a test asks for them, and by no timer. */
function collector() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: 2 ** 30,
    exportTimeoutMillis: 5_000,
  });
  const provider = new MeterProvider({ readers: [reader] });
  onTestFinished(() => provider.shutdown());
  return {
    provider,
    async collect(): Promise<ReadonlyMap<string, MetricData>> {
      exporter.reset();
      await provider.forceFlush();
      const found = exporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics)
        .flatMap(({ metrics: data }) => data);
      return new Map(found.map((data) => [data.descriptor.name, data]));
    },
  };
}

/** Values by attributes: `{ 'kind=proactive outcome=done': 1 }`, without the name spaces. */
function values(data: MetricData | undefined): Record<string, unknown> {
  const points: readonly DataPoint<unknown>[] = data?.dataPoints ?? [];
  return Object.fromEntries(
    points.map(({ attributes, value }) => [
      Object.entries(attributes)
        .map(([name, said]) => `${name.split('.').at(-1)}=${said}`)
        .join(' '),
      value,
    ]),
  );
}

describe('metrics', () => {
  test('the metrics count managers by state, and connections', async () => {
    await using made = await bench({ reconnectGraceMs: 30_000, closeTimeoutMs: 200 });
    const { provider, collect } = collector();
    using _instrumentation = instrument(made.registry, { meterProvider: provider });
    await made.tab('ada', 'one');
    await made.tab('ada', 'two');
    await made.registry.acquire(contextOf('bob', 'one'));
    const mute = await made.muteTab('bob', 'two');
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
    await made.tab('ada', 'one');
    await made.registry.cleanup('ada');
    await made.muteTab('ada', 'two');
    await made.tab('ada', 'three'); // The mute one made room.
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
    const manager = await made.tab('ada', 'one');
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
    const manager = await made.tab('ada-the-secret-one', 'one');
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

describe('instrumentations', () => {
  test('reading an instrumentation changes nothing', async () => {
    await using made = await bench({ reconnectGraceMs: 30_000 });
    const { provider, collect } = collector();
    using _instrumentation = instrument(made.registry, { meterProvider: provider });
    await made.tab('ada', 'one');
    const before = made.registry.stats();
    const events = record(made.registry);

    for (let time = 0; time < 10; time++) await collect();

    expect(made.registry.stats()).toEqual(before);
    expect(made.registry.audit()).toEqual([]);
    expect(events).toEqual([]);
  });

  test('a disposed instrumentation releases the registry at once and the meter at the next collection, which finds zeros', async () => {
    await using made = await bench({ reconnectGraceMs: 30_000 });
    const { provider, collect } = collector();
    const meter = provider.getMeter('mine');
    let callbacks = 0;
    const { addBatchObservableCallback: add, removeBatchObservableCallback: remove } = meter;
    meter.addBatchObservableCallback = (...args) => {
      callbacks += 1;
      add.apply(meter, args);
    };
    meter.removeBatchObservableCallback = (...args) => {
      callbacks -= 1;
      remove.apply(meter, args);
    };
    {
      using _instrumentation = instrument(made.registry, { meter });
      await made.tab('ada', 'one');
      expect(values((await collect()).get('leaktight.connection.count'))).toEqual({ '': 1 });
    }

    expect(made.registry.eventNames()).toEqual([]);
    expect(values((await collect()).get('leaktight.connection.count'))).toEqual({ '': 0 });
    expect(callbacks).toBe(0);
    expect(values((await collect()).get('leaktight.connection.count'))).toEqual({ '': 0 });
  });

  test('an instrumentation ends with the registry that has shut down', async () => {
    const registry = new WebSocketManagerRegistry();
    const { provider, collect } = collector();
    instrument(registry, { meterProvider: provider });
    await registry.acquire(contextOf('ada', 'one'));
    const open = await collect();

    await registry.shutdown({ drainMs: 0 });

    expect(values(open.get('leaktight.manager.count'))).toMatchObject({ 'state=idle': 1 });
    expect(registry.eventNames()).toEqual([]);
    expect(values((await collect()).get('leaktight.manager.count'))).toEqual({
      'state=active': 0,
      'state=idle': 0,
      'state=closing': 0,
    });
  });

  test('an instrumentation uses the global provider unless another is given', async () => {
    const { provider, collect } = collector();
    metrics.setGlobalMeterProvider(provider);
    onTestFinished(() => metrics.disable());
    const registry = new WebSocketManagerRegistry();

    using _instrumentation = instrument(registry);

    expect((await collect()).has('leaktight.manager.count')).toBe(true);
  });

  test('an instrumentation uses the meter that is named after the package', () => {
    const { provider } = collector();
    const getMeter = vi.spyOn(provider, 'getMeter');

    using _instrumentation = instrument(new WebSocketManagerRegistry(), {
      meterProvider: provider,
    });

    expect(getMeter.mock.calls).toEqual([['leaktight']]);
  });

  test('an instrumentation may be disposed of twice', () => {
    const registry = new WebSocketManagerRegistry();
    const instrumentation = instrument(registry, { meterProvider: collector().provider });
    instrumentation[Symbol.dispose]();
    const off = vi.spyOn(registry, 'off');

    instrumentation[Symbol.dispose]();

    expect(off).not.toHaveBeenCalled();
  });

  test('an instrumentation uses a given meter', async () => {
    const { provider, collect } = collector();
    const registry = new WebSocketManagerRegistry();

    using _instrumentation = instrument(registry, { meter: provider.getMeter('mine', '1.2.3') });

    expect((await collect()).has('leaktight.manager.count')).toBe(true);
  });

  test('an instrumentation refuses an unknown option', () => {
    const registry = new WebSocketManagerRegistry();

    const call = () => instrument(registry, { metre: undefined } as object);
    expect(call).toThrow(InvalidOptionError);
    expect(call).toThrow(/^InstrumentOptions /);
    expect(registry.eventNames()).toEqual([]);
  });

  test.each([undefined, null, {}])('an instrumentation refuses %s as a registry', (registry) => {
    expect(() => instrument(registry as never)).toThrow(/^registry\.stats must be a function/);
  });

  test('an instrumentation has no depth of outboxes when the registry has none', async () => {
    const { provider, collect } = collector();
    const registry = new WebSocketManagerRegistry();
    const { queuedMessages: _, ...others } = registry.stats();
    registry.stats = () => others as never;
    const meter = provider.getMeter('mine');
    const add = vi.spyOn(meter, 'addBatchObservableCallback');

    using _instrumentation = instrument(registry, { meter });

    expect((await collect()).has('leaktight.outbox.depth')).toBe(false);
    const [observe, observed] = add.mock.calls[0] ?? [];
    expect(observed).toHaveLength(2);
    const result = { observe: vi.fn() };
    void observe?.(result);
    expect(new Set(result.observe.mock.calls.map(([metric]) => metric))).toEqual(new Set(observed));
  });
});

describe('meters that throw', () => {
  /** Works until `instrument` has returned, then fails at every call. */
  function failing(provider: MeterSource): Meter {
    const fail = (): never => {
      throw new Error('the meter is broken');
    };
    const meter = provider.getMeter('broken');
    meter.createCounter = () => ({ add: fail });
    meter.createHistogram = () => ({ record: fail });
    return meter;
  }

  test('a meter that throws while it makes the instruments leaves no listener behind', () => {
    const registry = new WebSocketManagerRegistry();
    const meter = collector().provider.getMeter('broken');
    meter.createHistogram = () => {
      throw new Error('the meter is broken');
    };

    expect(() => instrument(registry, { meter })).toThrow('the meter is broken');
    expect(registry.eventNames()).toEqual([]);
  });

  test('a meter that throws is reported, and limit and cleanup work as without it', async () => {
    await using made = await bench({ maxManagersPerUser: 2, proactiveThreshold: 1 });
    using _instrumentation = instrument(made.registry, { meter: failing(collector().provider) });
    const hooks: string[] = [];
    made.registry.on('hookError', ({ hook }) => hooks.push(hook));
    await made.tab('ada', 'one');
    await made.muteTab('ada', 'two');

    await made.tab('ada', 'three');
    const refused = await made.registry.acquire(contextOf('ada', 'four')).catch((error) => error);

    expect(refused.code).toBe('ERR_LEAKTIGHT_MANAGER_LIMIT');
    expect(made.registry.count('ada')).toBe(2);
    expect(made.registry.audit()).toEqual([]);
    expect(new Set(hooks)).toEqual(new Set(['listener:cleanupFinished', 'listener:limitReached']));
  });

  test('a meter that throws does not keep a connection from closing', async () => {
    await using made = await bench({ reconnectGraceMs: 0 });
    using _instrumentation = instrument(made.registry, { meter: failing(collector().provider) });
    const { socket, client } = await made.pair();
    const manager = await made.registry.acquire(contextOf('ada', 'one'));
    manager.connect(socket);

    client.close();
    await once(client, 'close');

    await until(() => made.registry.size === 0);
  });
});
