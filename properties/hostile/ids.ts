/**
 * Ids that a client may make up, and which of them are usable: said here a second time, code point by code point, so that
 * the registry's own rule has something to be compared with.
 */
import fc from 'fast-check';

const placeholders = [
  ...['default', 'n/a', 'nan', 'nil', 'none', 'null', 'placeholder', 'tbd', 'temp', 'tmp', 'todo'],
  ...['undefined', 'unknown', '[object object]'],
];

/** White space and line ends of ECMA-262, 12.2 and 12.3. */
const whiteSpace = [
  ...[0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0xa0, 0x1680, 0x202f, 0x205f, 0x3000, 0xfeff],
  ...[0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200a],
  ...[0x2028, 0x2029],
];

export function isUsableId(id: unknown): id is string {
  if (typeof id !== 'string' || id.length === 0 || id.length > 256) return false;
  const characters = Array.from(id);
  if (characters.some(breaksLines) || characters.some(isLoneSurrogate)) return false;
  if (isWhiteSpace(characters[0]) || isWhiteSpace(characters.at(-1))) return false;
  return !placeholders.includes(id.toLowerCase());
}

/** Control characters, and what ends a line without being one. */
export function breaksLines(character: string): boolean {
  const point = character.codePointAt(0) ?? 0;
  const isControl = point < 0x20 || (point >= 0x7f && point < 0xa0);
  return isControl || point === 0x2028 || point === 0x2029;
}

function isLoneSurrogate(character: string): boolean {
  const point = character.codePointAt(0) ?? 0;
  return point >= 0xd800 && point < 0xe000;
}

function isWhiteSpace(character: string | undefined): boolean {
  return character !== undefined && whiteSpace.includes(character.codePointAt(0) ?? 0);
}

const plain = fc.constantFrom('ada', 'bob', 'tab-1', 'a', 'b', 'client', '7');

/** Code points of all 17 planes alike; in the lowest one also halves of pairs. */
const ofEveryPlane = fc
  .array(fc.tuple(fc.nat(16), fc.nat(0xffff)), { minLength: 1, maxLength: 6 })
  .map((points) => String.fromCodePoint(...points.map(([plane, low]) => plane * 0x10000 + low)));

const codeUnits = fc
  .array(fc.oneof(fc.nat(0xffff), fc.integer({ min: 0xd800, max: 0xdfff })), {
    minLength: 1,
    maxLength: 5,
  })
  .map((units) => String.fromCharCode(...units));

/** What separates and escapes the parts of a key, and what might be taken for it. */
const separators = fc
  .array(fc.constantFrom(':', '%', '%3A', '%25', '%253A', '\uFF1A', 'a', 'b', '/', '&', '=', '#'), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => parts.join(''));

const edge = fc.oneof(
  fc.constantFrom(...whiteSpace, 0x180e, 0x200b, 0x2060, 0x0300, 0x202e),
  fc.integer({ min: 0, max: 0x20 }),
  fc.integer({ min: 0x7f, max: 0xa0 }),
);

const withEdge = fc
  .tuple(plain, edge, fc.constantFrom('before', 'within', 'after', 'alone'))
  .map(([id, point, where]) => {
    const character = String.fromCodePoint(point);
    if (where === 'alone') return character;
    if (where === 'within') return `${id}${character}${id}`;
    return where === 'before' ? character + id : id + character;
  });

const placeholder = fc
  .tuple(fc.constantFrom(...placeholders), fc.constantFrom('as is', 'upper', 'title', 'more'))
  .map(([word, how]) => {
    if (how === 'upper') return word.toUpperCase();
    if (how === 'title') return word.slice(0, 1).toUpperCase() + word.slice(1);
    return how === 'more' ? `${word}1` : word;
  });

/** Around the limit, and far beyond it. */
const long = fc
  .tuple(
    fc.constantFrom('a', ':', '%', 'é', '\u{1F600}', '\uD800'),
    fc.constantFrom(127, 128, 129, 255, 256, 257, 10_000),
  )
  .map(([unit, times]) => unit.repeat(times));

const special = fc.constantFrom(
  '',
  '__proto__',
  'constructor',
  'toString',
  '../../etc/passwd',
  '\uFFFD',
  '\uFFFF',
  'un\u212Anown',
  "' or 1=1 --",
);

/** Weights: long ones are dear, and few of them say as much as many. */
export const hostileId: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: plain },
  { weight: 6, arbitrary: ofEveryPlane },
  { weight: 4, arbitrary: codeUnits },
  { weight: 6, arbitrary: separators },
  { weight: 4, arbitrary: withEdge },
  { weight: 3, arbitrary: placeholder },
  { weight: 2, arbitrary: special },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }) },
  { weight: 1, arbitrary: long },
);

/** What a program without types may hand over. */
export const noString: fc.Arbitrary<unknown> = fc.constantFrom(
  ...[null, 0, 1, true, false, [], {}, ['ada'], { id: 'ada' }, { length: 3 }],
);

/**
 * As a client writes an id into a URL: in UTF-8, and a half of a pair as some write it, which is no UTF-8 (RFC 3629,
 * section 3).
 */
export function percentEncode(id: string): string {
  return Array.from(id, (character) => {
    if (!isLoneSurrogate(character)) return encodeURIComponent(character);
    const point = character.codePointAt(0) ?? 0;
    const bytes = [0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f)];
    return bytes.map((byte) => `%${byte.toString(16).toUpperCase()}`).join('');
  }).join('');
}
