import {
  AggregationTemporality,
  type DataPoint,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { onTestFinished } from 'vitest';

/** A provider whose metrics are read when a test asks for them, and by no timer. */
export function collector() {
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
export function values(data: MetricData | undefined): Record<string, unknown> {
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
