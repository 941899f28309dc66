import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Random, RandomSource } from '../../sim/engine/random.ts';

const draws = (random: Random, count = 20) => Array.from({ length: count }, () => random.uint32());

const seed = fc.maxSafeNat();
const key = fc.array(fc.oneof(fc.string(), fc.nat()), { minLength: 1, maxLength: 4 });

test('the same key gives the same stream, whatever was drawn before', () => {
  fc.assert(
    fc.property(seed, key, key, (root, name, other) => {
      const source = new RandomSource(root);
      const first = draws(source.for(...name));
      draws(source.for(...other));

      expect(draws(source.for(...name))).toEqual(first);
      expect(draws(new RandomSource(root).for(...name))).toEqual(first);
    }),
  );
});

test('different keys and different seeds give different streams', () => {
  fc.assert(
    fc.property(seed, seed, key, key, (root, otherRoot, name, other) => {
      const same = root === otherRoot && name.join('\0') === other.join('\0');
      const first = draws(new RandomSource(root).for(...name)).join();
      const second = draws(new RandomSource(otherRoot).for(...other)).join();

      expect(first === second).toBe(same);
    }),
  );
});

test('streams of neighbouring keys and seeds are not correlated', () => {
  const bits = (random: Random) => draws(random, 2_000);
  const pairs = [
    [new RandomSource(1).for('link', 1), new RandomSource(1).for('link', 2)],
    [new RandomSource(1).for('link', 1), new RandomSource(2).for('link', 1)],
    [new RandomSource(1).for('a', 11), new RandomSource(1).for('a1', 1)],
  ] as const;

  for (const [one, two] of pairs) {
    const others = bits(two);
    const equal = bits(one).reduce((sum, word, at) => {
      return sum + 32 - popCount(word ^ (others[at] ?? 0));
    }, 0);
    // Half of 64,000 bits agree by chance, give or take 127.
    expect(Math.abs(equal - 32_000)).toBeLessThan(6 * 127);
  }
});

test('every bit of a word is set half of the time', () => {
  const words = draws(new RandomSource(42).for('bits'), 10_000);

  for (let bit = 0; bit < 32; bit++) {
    const set = words.filter((word) => (word >>> bit) & 1).length;
    expect(Math.abs(set - 5_000), `bit ${bit}`).toBeLessThan(6 * 50);
  }
});

test('integers are spread evenly over their range, both ends included', () => {
  const random = new RandomSource(7).for('dice');
  const counts = [0, 0, 0, 0, 0, 0];
  for (let count = 0; count < 60_000; count++) {
    const face = random.between(1, 6);
    counts[face - 1] = (counts[face - 1] ?? 0) + 1;
  }

  const chiSquared = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
  // 5 degrees of freedom; above 30 once in 100,000 times.
  expect(chiSquared).toBeLessThan(30);
});

test('unit is in [0, 1) and chance keeps to its probability', () => {
  const random = new RandomSource(9).for('unit');
  const units = Array.from({ length: 10_000 }, () => random.unit());
  const hits = Array.from({ length: 10_000 }, () => random.chance(0.2)).filter((hit) => hit);

  expect(Math.min(...units)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...units)).toBeLessThan(1);
  expect(Math.abs(units.reduce((sum, unit) => sum + unit, 0) - 5_000)).toBeLessThan(200);
  expect(Math.abs(hits.length - 2_000)).toBeLessThan(240);
  expect(random.chance(0)).toBe(false);
  expect(random.chance(1)).toBe(true);
});

test('a range of one value gives that value', () => {
  fc.assert(
    fc.property(seed, fc.integer(), (root, value) => {
      expect(new RandomSource(root).for('x').in({ min: value, max: value })).toBe(value);
    }),
  );
});

test('shuffle keeps every item and leaves the list alone; pick gives one of them', () => {
  fc.assert(
    fc.property(seed, fc.array(fc.nat(), { minLength: 1 }), (root, items) => {
      const random = new RandomSource(root).for('x');
      const before = [...items];

      expect(random.shuffle(items).sort()).toEqual([...items].sort());
      expect(items).toEqual(before);
      expect(items).toContain(random.pick(items));
    }),
  );
  expect(() => new RandomSource(1).for('x').pick([])).toThrow(/at least one item/);
});

test('fill is the same bytes for the same stream, to the last one', () => {
  const fill = (length: number) => {
    const bytes = new Uint8Array(length);
    new RandomSource(3).for('bytes').fill(bytes);
    return Buffer.from(bytes).toString('hex');
  };

  expect(fill(7)).toBe(fill(7));
  expect(fill(8).startsWith(fill(7))).toBe(true);
  expect(new Set(Buffer.from(fill(4_000), 'hex')).size).toBe(256);
});

test('the streams are the same on every platform and in every version', () => {
  expect(draws(new RandomSource(42).for('link', 'up', 'client', 1), 3)).toMatchInlineSnapshot(`
    [
      405252205,
      289405189,
      264826106,
    ]
  `);
});

function popCount(word: number): number {
  let count = 0;
  for (let rest = word >>> 0; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
