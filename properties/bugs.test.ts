/** Every seeded bug that a property catches names a property, and each has a test that shows it caught. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { propertyBugs } from '../sim/systems/registry/bugs/found-by-properties/index.ts';
import { bugs } from '../sim/systems/registry/index.ts';
import { identityProperty, keysProperty } from './identity/property.ts';
import { outboxProperty } from './outbox/property.ts';
import { shutdownProperty } from './shutdown/property.ts';
import { upgradeProperty } from './upgrade/property.ts';

const properties = [
  identityProperty,
  keysProperty,
  outboxProperty,
  shutdownProperty,
  upgradeProperty,
];

const testTexts = readdirSync(new URL('.', import.meta.url), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .map((file) => readFileSync(new URL(file, import.meta.url), 'utf8'));

describe.each(propertyBugs)('seeded bug $name', ({ name, caughtBy }) => {
  test(`the seeded bug ${name} is caught by a property that exists`, () => {
    expect(properties.map(({ title }) => title)).toContain(caughtBy.property);
  });

  test(`the seeded bug ${name} is planted by a test of its property`, () => {
    expect(testTexts.some((text) => text.includes(`['${name}', `))).toBe(true);
  });
});

test('a seeded bug has one name in the whole catalogue', () => {
  const names = [...bugs, ...propertyBugs].map(({ name }) => name);

  expect(new Set(names).size).toBe(names.length);
});
