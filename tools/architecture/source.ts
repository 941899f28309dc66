/** One source file, parsed: what it imports, and where it reads real time or chance that no seed decides. */

import { type MemberExpression, type Node, parseSync, Visitor } from 'oxc-parser';

/** Something that stands in the source, with the line it stands in. */
export interface Mention {
  readonly name: string;
  readonly line: number;
}

export interface Source {
  /** Specifiers as written. `undefined` where one is computed. */
  readonly imports: readonly { readonly specifier: string | undefined; readonly line: number }[];
  /** Reads of real time and of unseeded chance, as `Date.now`. */
  readonly escapes: readonly Mention[];
}

/** Members of globals, by global. `process.hrtime.bigint` counts as `process.hrtime`. */
const escapingMembers: Readonly<Record<string, readonly string[]>> = {
  Date: ['now'],
  Math: ['random'],
  performance: ['now', 'timeOrigin', 'toJSON'],
  process: ['hrtime', 'uptime'],
  crypto: [
    'getRandomValues',
    'randomBytes',
    'randomFill',
    'randomFillSync',
    'randomInt',
    'randomUUID',
  ],
};

/** Names that Node's modules export for the same. */
const escapingExports: Readonly<Record<string, readonly string[]>> = {
  'node:crypto': [...(escapingMembers.crypto ?? []), 'webcrypto'],
  'node:perf_hooks': ['performance'],
  'node:process': ['hrtime', 'uptime'],
};

/** @throws {SyntaxError} when `text` is not TypeScript. */
export function readSource(file: string, text: string): Source {
  const { program, module, errors } = parseSync(file, text, { sourceType: 'module' });
  const [error] = errors;
  if (error !== undefined) throw new SyntaxError(`${file}: ${error.message}`);

  const lineOf = makeLineOf(text);
  const imports: { specifier: string | undefined; line: number }[] = [];
  const escapes: Mention[] = [];
  const escaped = (name: string, node: { readonly start: number }): void => {
    escapes.push({ name, line: lineOf(node.start) });
  };

  for (const { moduleRequest } of module.staticImports) {
    imports.push({ specifier: moduleRequest.value, line: lineOf(moduleRequest.start) });
  }
  for (const { entries } of module.staticExports) {
    // One for a statement: each of its names repeats the specifier.
    const request = entries.find(({ moduleRequest }) => moduleRequest !== null)?.moduleRequest;
    if (request) imports.push({ specifier: request.value, line: lineOf(request.start) });
  }
  new Visitor({
    ImportExpression({ source, start }) {
      imports.push({ specifier: textOf(source), line: lineOf(start) });
    },
    TSImportType({ source, start }) {
      imports.push({ specifier: textOf(source), line: lineOf(start) });
    },
    CallExpression(node) {
      const {
        callee,
        arguments: [first],
      } = node;
      if (globalName(callee) === 'Date') escaped('Date()', node);
      if (callee.type !== 'Identifier' || callee.name !== 'require' || first === undefined) return;
      imports.push({ specifier: textOf(first), line: lineOf(node.start) });
    },
    NewExpression(node) {
      if (globalName(node.callee) === 'Date' && node.arguments.length === 0) {
        escaped('new Date()', node);
      }
    },
    MemberExpression(node) {
      const object = globalName(node.object);
      const member = memberName(node);
      if (object === undefined || member === undefined) return;
      if (isEscape(object, member)) escaped(`${object}.${member}`, node);
    },
    VariableDeclarator({ id, init }) {
      const object = init === null ? undefined : globalName(init);
      if (object === undefined || id.type !== 'ObjectPattern') return;
      for (const property of id.properties) {
        const member = property.type === 'Property' ? keyName(property) : undefined;
        if (member !== undefined && isEscape(object, member)) {
          escaped(`${object}.${member}`, property);
        }
      }
    },
    ImportDeclaration({ source, specifiers }) {
      const names = escapingExports[source.value] ?? [];
      for (const specifier of specifiers) {
        if (specifier.type !== 'ImportSpecifier') continue;
        const name =
          specifier.imported.type === 'Identifier'
            ? specifier.imported.name
            : specifier.imported.value;
        if (names.includes(name)) escaped(`${source.value} ${name}`, specifier);
      }
    },
  }).visit(program);
  return { imports, escapes };
}

function isEscape(object: string, member: string): boolean {
  return Object.hasOwn(escapingMembers, object) && (escapingMembers[object] ?? []).includes(member);
}

/** `Date` for `Date`, `globalThis.Date` and `global.Date`. */
function globalName(node: Node): string | undefined {
  if (node.type === 'Identifier') return node.name;
  if (node.type !== 'MemberExpression' || node.object.type !== 'Identifier') return undefined;
  const isGlobal = node.object.name === 'globalThis' || node.object.name === 'global';
  return isGlobal ? memberName(node) : undefined;
}

function memberName(node: MemberExpression): string | undefined {
  const { property, computed } = node;
  if (computed) return textOf(property);
  return property.type === 'Identifier' ? property.name : undefined;
}

function keyName(property: { readonly key: Node }): string | undefined {
  return property.key.type === 'Identifier' ? property.key.name : textOf(property.key);
}

/** The text of a literal, also between backticks. */
function textOf(node: Node): string | undefined {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined;
  if (node.type !== 'TemplateLiteral' || node.expressions.length > 0) return undefined;
  return node.quasis[0]?.value.cooked ?? undefined;
}

function makeLineOf(text: string): (offset: number) => number {
  const starts = [...text.matchAll(/\n/g)].map(({ index }) => index);
  return (offset) => starts.filter((start) => start < offset).length + 1;
}
