/**
 * The entry `leaktight/otel`: a registry as OpenTelemetry metrics. Built on the events and `stats()` that
 * every user has; it is a listener like any other, so a meter that throws is a `hookError` and no more.
 *
 * No metric has a user, thread or key as attribute: a series for each would grow without bound. Which user was
 * refused is in the events and the log.
 */
import {
  type BatchObservableCallback,
  type Counter,
  type Histogram,
  type Meter,
  type MeterProvider,
  metrics,
  type Observable,
  ValueType,
} from '@opentelemetry/api';
import { checkFunction, checkNames } from '../options/option-checks.ts';
import type { WebSocketManagerRegistry } from '../registry.ts';
import type { CleanupReport, LimitReachedEvent, SecurityViolationEvent } from './event-payloads.ts';
import type { RegistryStats } from './stats.ts';

export interface InstrumentOptions {
  /** Makes the instruments. Default: the meter `leaktight` of `meterProvider`. */
  readonly meter?: Meter | undefined;
  /** Default: the global provider, as it is when `instrument` is called. */
  readonly meterProvider?: MeterProvider | undefined;
}

/**
 * Name, unit and meaning of each metric. Names and units are as stable as the error codes: `.count` for
 * what goes up and down, no `total`, seconds, and annotations for what is counted.
 */
const METRICS = {
  managers: {
    name: 'leaktight.manager.count',
    unit: '{manager}',
    description: 'Managers that hold a slot, by state.',
  },
  connections: {
    name: 'leaktight.connection.count',
    unit: '{connection}',
    description: 'Connections whose socket is not destroyed.',
  },
  outbox: {
    name: 'leaktight.outbox.depth',
    unit: '{message}',
    description: 'Messages that wait for a connection.',
  },
  cleanups: {
    name: 'leaktight.cleanups',
    unit: '{cleanup}',
    description: 'Cleanups that ended, by kind and outcome.',
  },
  emergencies: {
    name: 'leaktight.emergency.duration',
    unit: 's',
    description: 'How long an emergency cleanup took.',
  },
  rejections: {
    name: 'leaktight.limit.rejections',
    unit: '{rejection}',
    description: 'Acquires that failed for want of room, by the limit that was reached.',
  },
  violations: {
    name: 'leaktight.security.violations',
    unit: '{violation}',
    description: "Attempts to reach another user's or thread's manager.",
  },
} as const;

/** Up to the bound of an emergency cleanup, with the steps that the HTTP conventions give to seconds. */
const EMERGENCY_SECONDS = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

/** The statistics of a registry that is no longer observed. */
const NOTHING = { managers: 0, managersIdle: 0, managersClosing: 0, connections: 0 };

/** What `stats()` says of outboxes, where the registry has them. */
type OutboxStats = RegistryStats & { readonly queuedMessages?: number };

/**
 * Reports `registry` through OpenTelemetry until it is disposed of or the registry has shut down. Then it
 * lets go of the registry, and of the meter with the next collection, which gets zeros: an SDK repeats
 * the last value that it got for as long as it lives. `stats()` is read once for each collection.
 *
 * Counters begin at zero when it is called. Calling it twice with one provider counts everything twice.
 *
 * @throws {InvalidOptionError} for an unknown option; and whatever the meter throws while it makes the
 *   instruments. Nothing listens to the registry then.
 */
export function instrument(
  registry: WebSocketManagerRegistry,
  options: InstrumentOptions = {},
): Disposable {
  checkNames('InstrumentOptions', options, ['meter', 'meterProvider']);
  checkFunction('registry.stats', registry?.stats);
  const meter = options.meter ?? (options.meterProvider ?? metrics).getMeter('leaktight');
  return new Instrumentation(registry, meter);
}

class Instrumentation implements Disposable {
  #registry: WebSocketManagerRegistry | undefined;
  readonly #meter: Meter;
  readonly #managers: Observable;
  readonly #connections: Observable;
  readonly #outbox: Observable | undefined;
  readonly #cleanups: Counter;
  readonly #emergencies: Histogram;
  readonly #rejections: Counter;
  readonly #violations: Counter;
  readonly #observed: Observable[];

  constructor(registry: WebSocketManagerRegistry, meter: Meter) {
    this.#registry = registry;
    this.#meter = meter;
    this.#managers = upDown(meter, METRICS.managers);
    this.#connections = upDown(meter, METRICS.connections);
    const hasOutbox = outboxDepth(registry.stats()) !== undefined;
    this.#outbox = hasOutbox ? upDown(meter, METRICS.outbox) : undefined;
    this.#cleanups = counter(meter, METRICS.cleanups);
    const { name, unit, description } = METRICS.emergencies;
    this.#emergencies = meter.createHistogram(name, {
      unit,
      description,
      advice: { explicitBucketBoundaries: EMERGENCY_SECONDS },
    });
    this.#rejections = counter(meter, METRICS.rejections);
    this.#violations = counter(meter, METRICS.violations);
    this.#observed = [this.#managers, this.#connections];
    if (this.#outbox !== undefined) this.#observed.push(this.#outbox);
    meter.addBatchObservableCallback(this.#observe, this.#observed);
    registry.on('cleanupFinished', this.#onCleanup);
    registry.on('limitReached', this.#onLimit);
    registry.on('securityViolation', this.#onViolation);
    registry.on('shutdownFinished', this.#stop);
  }

  [Symbol.dispose](): void {
    this.#stop();
  }

  readonly #stop = (): void => {
    const registry = this.#registry;
    this.#registry = undefined;
    registry?.off('cleanupFinished', this.#onCleanup);
    registry?.off('limitReached', this.#onLimit);
    registry?.off('securityViolation', this.#onViolation);
    registry?.off('shutdownFinished', this.#stop);
  };

  readonly #observe: BatchObservableCallback = (result) => {
    const stats = this.#registry?.stats();
    // Not at once: the provider is walking through its callbacks.
    if (stats === undefined) queueMicrotask(this.#leaveMeter);
    const { managers, managersIdle, managersClosing, connections } = stats ?? NOTHING;
    const active = managers - managersIdle - managersClosing;
    result.observe(this.#managers, active, { 'leaktight.manager.state': 'active' });
    result.observe(this.#managers, managersIdle, { 'leaktight.manager.state': 'idle' });
    result.observe(this.#managers, managersClosing, { 'leaktight.manager.state': 'closing' });
    result.observe(this.#connections, connections);
    if (this.#outbox !== undefined) result.observe(this.#outbox, outboxDepth(stats) ?? 0);
  };

  readonly #leaveMeter = (): void => {
    this.#meter.removeBatchObservableCallback(this.#observe, this.#observed);
  };

  readonly #onCleanup = ({ kind, outcome, durationMs }: CleanupReport): void => {
    this.#cleanups.add(1, {
      'leaktight.cleanup.kind': kind,
      'leaktight.cleanup.outcome': outcome,
    });
    if (kind !== 'emergency') return;
    this.#emergencies.record(durationMs / 1_000, { 'leaktight.cleanup.outcome': outcome });
  };

  readonly #onLimit = ({ scope }: LimitReachedEvent): void => {
    this.#rejections.add(1, { 'leaktight.limit.scope': scope });
  };

  readonly #onViolation = ({ kind }: SecurityViolationEvent): void => {
    this.#violations.add(1, { 'leaktight.violation.kind': kind });
  };
}

type Described = (typeof METRICS)[keyof typeof METRICS];

function upDown(meter: Meter, { name, unit, description }: Described): Observable {
  return meter.createObservableUpDownCounter(name, {
    unit,
    description,
    valueType: ValueType.INT,
  });
}

function counter(meter: Meter, { name, unit, description }: Described): Counter {
  return meter.createCounter(name, { unit, description, valueType: ValueType.INT });
}

function outboxDepth(stats: OutboxStats | undefined): number | undefined {
  return stats?.queuedMessages;
}
