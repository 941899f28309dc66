/** The scripts are worth something: a simulated socket that makes a mistake plays some of them otherwise. */
import { beforeAll, expect, test } from 'vitest';
import { type Observed, onSimulation } from './both-networks.ts';
import { defects, simulateWith } from './defects.ts';
import { scripts } from './scripts.ts';

/** What each script shows, or that it does not end. */
async function playAll(
  options: Parameters<typeof onSimulation>[1],
): Promise<Record<string, Observed | string>> {
  const shown: Record<string, Observed | string> = {};
  for (const [title, script] of Object.entries(scripts)) {
    shown[title] = await onSimulation(script, options).catch(() => 'does not end');
  }
  return shown;
}

let sound: Awaited<ReturnType<typeof playAll>> = {};

beforeAll(async () => {
  sound = await playAll({});
});

test('a sound engine ends every script, the same each time', async () => {
  const shown = await playAll({});

  expect(Object.values(shown)).not.toContain('does not end');
  expect(shown).toEqual(sound);
});

for (const defect of defects) {
  test(`it is noticed when ${defect.name}`, async () => {
    const shown = await playAll({ simulate: await simulateWith(defect) });

    const red = Object.keys(scripts).filter(
      (title) => JSON.stringify(shown[title]) !== JSON.stringify(sound[title]),
    );
    expect(red).toEqual(expect.arrayContaining([...defect.noticedBy]));
    // A copy that does nothing at all would be noticed by every script.
    expect(red.length).toBeLessThan(Object.keys(scripts).length);
  });
}
