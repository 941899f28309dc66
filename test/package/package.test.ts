/** The tarball, used as those who install it use it: nothing here reads the sources. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Consumer, installPackage } from './consumer.ts';

let consumer: Consumer;

beforeAll(async () => {
  consumer = await installPackage();
  consumer.link('ws', '@types/ws', '@types/node');
});

afterAll(() => consumer[Symbol.dispose]());

describe('the tarball', () => {
  test('the tarball holds the build and the files that describe it, and nothing else', () => {
    const others = inject('packedFiles').filter((path) => !path.startsWith('dist/'));
    const named = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];

    expect(others.toSorted()).toEqual(expect.arrayContaining(named));
    // The report is there once it is written.
    expect(others.filter((path) => !named.includes(path))).toEqual(
      others.includes('reports/verification.md') ? ['reports/verification.md'] : [],
    );
  });

  test('the tarball holds the registry and the simulator, each with its types, and no test, report or command line', () => {
    const built = inject('packedFiles').filter((path) => path.startsWith('dist/'));

    const folders = 'engine|process|network|platform|scenario|run|search|systems';
    const shipped = new RegExp(
      `^dist/(src|sim/(${folders}))/|^dist/sim/(index|register|replay|vitest)\\.`,
    );
    expect(built.filter((path) => !shipped.test(path))).toEqual([]);
    expect(built.filter((path) => !/\.(js|d\.ts)$/.test(path))).toEqual([]);
    expect(
      built.filter((path) => path.endsWith('.d.ts')).map((path) => path.replace('.d.ts', '')),
    ).toEqual(built.filter((path) => path.endsWith('.js')).map((path) => path.replace('.js', '')));
  });
});

describe('a program that has installed it', () => {
  test('a program imports the registry with nothing but ws beside it', async () => {
    consumer.write(
      'import.mjs',
      `
      import { WebSocketManagerRegistry } from 'leaktight';
      const made = new WebSocketManagerRegistry();
      const context = made.contextFor({ userId: 'ada', websocketClientId: 'one' });
      console.log((await made.acquire(context)).isolationKey === context.isolationKey);
      await made.shutdown({ drainMs: 0 });
    `,
    );

    expect(await consumer.node('import.mjs')).toMatchObject({
      code: 0,
      stdout: 'true\n',
      stderr: '',
    });
  });

  test('a program that requires the registry from CommonJS gets the very module that an import gets', async () => {
    consumer.write(
      'require.cjs',
      `
      const required = require('leaktight');
      import('leaktight').then((imported) => {
        const { UserExecutionContext, WebSocketManagerRegistry } = required;
        const context = UserExecutionContext.fromWebSocketRequest({ userId: 'ada' });
        console.log(
          new WebSocketManagerRegistry().size,
          imported.WebSocketManagerRegistry === WebSocketManagerRegistry,
          imported.UserExecutionContext.isContext(context),
        );
      });
    `,
    );

    const { code, stdout } = await consumer.node('require.cjs');

    expect({ code, stdout }).toEqual({ code: 0, stdout: '0 true true\n' });
  });

  test('a program that imports an entry without its peer is told which package is missing', async () => {
    for (const [entry, peer] of [
      ['leaktight/otel', '@opentelemetry/api'],
      ['leaktight/sim', '@sinonjs/fake-timers'],
    ]) {
      consumer.write('without.mjs', `await import('${entry}');`);

      const { code, stderr } = await consumer.node('without.mjs');

      expect(code).not.toBe(0);
      expect(stderr).toContain(`Cannot find package '${peer}'`);
    }
  });

  describe('with the optional peers', () => {
    beforeAll(() => {
      consumer.link(
        '@opentelemetry/api',
        '@opentelemetry/sdk-metrics',
        '@sinonjs/fake-timers',
        '@types/sinonjs__fake-timers',
      );
    });

    test.each([
      ['leaktight', 'WebSocketManagerRegistry'],
      ['leaktight/otel', 'instrument'],
      ['leaktight/sim', 'simulateSystem'],
    ])('a program can import and require %s', async (entry, name) => {
      // The simulator stands before ws, or says so.
      const first = entry === 'leaktight/sim' ? ['--import', 'leaktight/sim/register'] : [];
      consumer.write(
        'entry.mjs',
        `import { ${name} } from '${entry}'; console.log(typeof ${name});`,
      );
      consumer.write('entry.cjs', `console.log(typeof require('${entry}').${name});`);

      for (const file of ['entry.mjs', 'entry.cjs']) {
        const { code, stdout } = await consumer.node(...first, file);

        expect({ file, code, stdout }).toEqual({ file, code: 0, stdout: 'function\n' });
      }
    });

    test('a program can require every entry without exports', async () => {
      consumer.write(
        'entries.cjs',
        `
        require('leaktight/sim/register');
        require('leaktight/sim/vitest');
        require('leaktight/sim/replay');
        console.log(require('leaktight/package.json').name);
      `,
      );

      const { code, stdout } = await consumer.node('entries.cjs');

      expect({ code, stdout }).toEqual({ code: 0, stdout: 'leaktight\n' });
    });

    test('a program reads the metrics of its registry', async () => {
      consumer.write(
        'metrics.mjs',
        `
        import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
        import { WebSocketManagerRegistry } from 'leaktight';
        import { instrument } from 'leaktight/otel';
        const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
        const provider = new MeterProvider({ readers: [new PeriodicExportingMetricReader({ exporter })] });
        const registry = new WebSocketManagerRegistry();
        instrument(registry, { meterProvider: provider });
        await registry.acquire(registry.contextFor({ userId: 'ada' }));
        await provider.forceFlush();
        const [{ metrics }] = exporter.getMetrics()[0].scopeMetrics;
        console.log(metrics.map(({ descriptor }) => descriptor.name).join(' '));
        await registry.shutdown();
        await provider.shutdown();
      `,
      );

      expect(await consumer.node('metrics.mjs')).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^leaktight\.manager\.count leaktight\.connection\.count/),
      });
    });
  });
});
