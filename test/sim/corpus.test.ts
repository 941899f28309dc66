/** Scenarios that once failed. Each must pass for ever; one that the code no longer understands must not pass silently. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { RegistryScenario } from '../../sim/registry/scenario.ts';
import { simulate } from '../../sim/registry/simulate.ts';

const folder = new URL('../../sim/corpus/', import.meta.url);

interface Entry {
  readonly format: number;
  readonly story: string;
  readonly scenario: RegistryScenario;
}

const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

describe('the corpus', () => {
  test('has entries', () => {
    expect(files.length).toBeGreaterThan(0);
  });

  test.each(files)('%s passes', async (name) => {
    const entry: Entry = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
    expect(entry.format, `${name} has a format that this code does not read: make it anew`).toBe(1);

    const outcome = await simulate(entry.scenario);

    expect(outcome.failure).toBeUndefined();
    expect(outcome.verdict).toBe('passed');
  });
});
