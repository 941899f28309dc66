/**
 * Which tests are asked about which sources. A mutant runs once for each test that reaches it until one fails, so a slow
 * test that reaches everything costs most and finds least: tests on real sockets are asked where only they can see.
 */

import { readdirSync } from 'node:fs';

export interface Group {
  readonly name: string;
  /** Globs of sources, as Stryker takes them. */
  readonly sources: readonly string[];
  /** Whether a source belongs to it. */
  readonly holds: (file: string) => boolean;
  /** Files below `test/`, those first that are quick. */
  readonly tests: readonly string[];
}

const isUpgrade = (file: string): boolean => file.startsWith('src/upgrade/');

export function mutationGroups(): readonly Group[] {
  const names = readdirSync('test/registry', { recursive: true, encoding: 'utf8' })
    .map((name) => `test/registry/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.test.ts') && !name.endsWith('.long.test.ts'))
    .sort();
  const isLoopback = (name: string): boolean => name.endsWith('.loopback.test.ts');
  const isClock = (name: string): boolean => name.endsWith('.clock.test.ts');
  const isOf = (folder: string, name: string): boolean => name.includes(`/${folder}/`);
  const pure = names.filter((name) => !isLoopback(name) && !isClock(name));
  const loopback = names.filter(isLoopback);
  return [
    {
      name: 'upgrade',
      sources: ['src/upgrade/**/*.ts'],
      holds: isUpgrade,
      tests: names.filter((name) => isOf('upgrade', name)),
    },
    {
      name: 'rest',
      sources: ['src/**/*.ts', '!src/upgrade/**/*.ts'],
      holds: (file) => !isUpgrade(file),
      tests: [
        ...pure,
        ...names.filter(isClock),
        ...loopback.filter((name) => isOf('telemetry', name) || isOf('identity', name)),
        'test/otel/metrics.test.ts',
        'test/otel/instrument.test.ts',
      ],
    },
  ];
}

/** @throws {Error} when there is no such group. */
export function groupNamed(name: string | undefined): Group {
  const groups = mutationGroups();
  const found = groups.find((group) => group.name === name);
  if (found !== undefined) return found;
  const known = groups.map((group) => group.name).join(' or ');
  throw new Error(`LEAKTIGHT_MUTATION_GROUP must be ${known}, got ${String(name)}`);
}
