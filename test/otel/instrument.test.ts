import { type Meter, type MeterProvider as MeterSource, metrics } from '@opentelemetry/api';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { InvalidOptionError, WebSocketManagerRegistry } from '../../src/index.ts';
import { instrument } from '../../src/telemetry/otel.ts';
import { bench, contextOf } from '../registry/support/bench.ts';
import { record } from '../registry/support/events.ts';
import { once, until } from '../registry/support/waiting.ts';
import { collector, values } from './collector.ts';

describe('instrumentations', () => {
  test('reading an instrumentation changes nothing', async () => {
    await using made = await bench({ reconnectGraceMs: 30_000 });
    const { provider, collect } = collector();
    using _instrumentation = instrument(made.registry, { meterProvider: provider });
    await made.connectClient('ada', 'one');
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
      await made.connectClient('ada', 'one');
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
    await made.connectClient('ada', 'one');
    await made.connectUnresponsive('ada', 'two');

    await made.connectClient('ada', 'three');
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
