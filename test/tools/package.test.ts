import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { missingFrom } from '../../tools/check-package/missing.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string | { types: string; default: string }>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { optional: boolean }>>;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const entries = Object.entries(manifest.exports).filter(([, target]) => typeof target === 'object');

describe('the package', () => {
  test.each(entries)('the export %s has a source behind it', (_name, target) => {
    if (typeof target === 'string') throw new TypeError('an entry must be an object');
    const source = target.default.replace('./dist/', '').replace(/\.js$/, '.ts');

    expect(existsSync(source)).toBe(true);
    expect(target.types).toBe(target.default.replace(/\.js$/, '.d.ts'));
  });

  test('the package has no dependency of its own; only metrics and the simulator need more than ws', () => {
    expect(manifest.dependencies).toBeUndefined();
    expect(Object.keys(manifest.peerDependencies)).toEqual([
      '@opentelemetry/api',
      '@sinonjs/fake-timers',
      'ws',
    ]);
    expect(manifest.peerDependenciesMeta).toEqual({
      '@opentelemetry/api': { optional: true },
      '@sinonjs/fake-timers': { optional: true },
    });
  });

  test('the lock file has the version and the licence of the package', () => {
    const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
    const { name, version, license } = manifest;

    expect(lock.packages['']).toMatchObject({ name, version, license });
    expect(readFileSync('LICENSE', 'utf8')).toContain('MIT License');
    expect(readFileSync('CHANGELOG.md', 'utf8')).toContain(`## ${version}`);
  });

  test('the lock file holds no address of a registry', () => {
    expect(readFileSync('package-lock.json', 'utf8')).not.toContain('"resolved"');
  });

  test('a file that the manifest names and npm left out of the tarball is found', () => {
    const files = ['dist', 'reports/verification.md'];

    expect(missingFrom(['dist/src/index.js', 'reports/verification.md'], files)).toEqual([]);
    expect(missingFrom(['dist/src/index.js', 'reports/mutation.json'], files)).toEqual([
      'reports/verification.md',
    ]);
    expect(missingFrom(['dist.js', 'reports/verification.md'], files)).toEqual(['dist']);
  });
});
