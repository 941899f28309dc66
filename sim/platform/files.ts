/**
 * Files. The pool reads them in real time, while virtual time stands still or runs ahead; so in a run each call of a
 * simulated host is done at once and answered as an event of its own. What is read must be the same in every run, and what
 * is written stays written: a host has no disk of its own.
 */
import fs from 'node:fs';
import { promisify } from 'node:util';
import { governedProcess, refuseEscape } from '../process/active-run.ts';
import { type AnyFunction, answerLater, promiseLater, replace } from './answer.ts';

const instead = 'read it before the run, or use a call that has a synchronous counterpart';

/** Those whose answers come later still, or again and again. */
const endless = [
  'opendir',
  'watch',
  'watchFile',
  'glob',
  'openAsBlob',
  'open',
  'mkdtempDisposable',
];

export function installFileShims(): void {
  const names = Object.keys(fs).filter((name) => `${name}Sync` in fs);
  for (const name of names) {
    const sync: AnyFunction = Reflect.get(fs, `${name}Sync`);
    if (name !== 'opendir' && name !== 'glob') governCallback(name, sync);
    if (!endless.includes(name)) governPromise(name, sync);
  }
  Object.defineProperty(fs.exists, promisify.custom, {
    value: (path: fs.PathLike) => new Promise((resolve) => fs.exists(path, resolve)),
  });
  for (const name of endless) {
    if (name !== 'open') refuse(fs, name, `fs.${name}()`);
    refuse(fs.promises, name, `fs.promises.${name}()`);
  }
}

function governCallback(name: string, sync: AnyFunction): void {
  replace(fs, name, (real) => (...args) => {
    const callback = args.at(-1);
    if (governedProcess() === undefined || typeof callback !== 'function') return real(...args);
    const given = name === 'read' ? readArguments(args.slice(0, -1)) : args.slice(0, -1);
    const work = () => {
      const value = sync(...given);
      return hasBuffer(name) ? [value, given[1]] : [value];
    };
    // The one callback of Node's that is not told of errors.
    if (name === 'exists') answerLater(work, (_, value) => callback(value));
    else answerLater(work, callback as AnyFunction);
    return undefined;
  });
}

function governPromise(name: string, sync: AnyFunction): void {
  replace(fs.promises, name, (real) => (...args) => {
    if (governedProcess() === undefined) return real(...args);
    if (typeof args[0] === 'object' && args[0] !== null && 'fd' in args[0]) {
      refuseEscape(`fs.promises.${name}() of a FileHandle`, instead);
    }
    return promiseLater(() => sync(...args));
  });
}

function refuse(target: object, name: string, call: string): void {
  replace(target, name, (real) => (...args) => {
    if (governedProcess() !== undefined) refuseEscape(call, instead);
    return real(...args);
  });
}

/** Their callbacks are given what was read into, or written from, as well. */
function hasBuffer(name: string): boolean {
  return ['read', 'readv', 'write', 'writev'].includes(name);
}

/** `fs.read` makes a buffer where it is given none; `fs.readSync` does not. */
function readArguments(args: readonly unknown[]): readonly unknown[] {
  const [fd, second] = args;
  if (ArrayBuffer.isView(second)) return args;
  const { buffer = Buffer.alloc(16_384), ...options } = (second ?? {}) as { buffer?: Buffer };
  return [fd, buffer, options];
}
