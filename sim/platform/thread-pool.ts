/**
 * What `node:crypto` computes on the thread pool. What gives the same for the same is done at once and answered later;
 * what draws from the platform's own chance cannot be seeded and is refused.
 */
import crypto from 'node:crypto';
import { governedProcess, refuseEscape } from '../process/active-run.ts';
import { type AnyFunction, answerLater, promiseLater, replace } from './answer.ts';

const unseeded = 'its chance cannot be seeded; make it before the run';

export function installPoolShims(): void {
  for (const name of ['scrypt', 'pbkdf2', 'hkdf', 'sign', 'verify', 'checkPrime']) {
    const sync = (Reflect.get(crypto, `${name}Sync`) ?? Reflect.get(crypto, name)) as AnyFunction;
    replace(crypto, name, (real) => (...args) => {
      const callback = args.at(-1);
      if (governedProcess() === undefined || typeof callback !== 'function') return real(...args);
      answerLater(() => [sync(...args.slice(0, -1))], callback as AnyFunction);
      return undefined;
    });
  }
  for (const name of ['generateKeyPair', 'generateKey', 'generatePrime']) {
    for (const call of [name, `${name}Sync`]) {
      replace(crypto, call, (real) => (...args) => {
        if (governedProcess() !== undefined) refuseEscape(`crypto.${call}()`, unseeded);
        return real(...args);
      });
    }
  }
  governSubtle();
}

function governSubtle(): void {
  const prototype: object = Object.getPrototypeOf(crypto.webcrypto.subtle);
  for (const name of Object.getOwnPropertyNames(prototype)) {
    if (name === 'constructor' || name === 'supports') continue;
    const real = Object.getOwnPropertyDescriptor(prototype, name)?.value;
    if (typeof real !== 'function') continue;
    const shim = function (this: unknown, ...args: unknown[]): unknown {
      if (governedProcess() === undefined) return Reflect.apply(real, this, args);
      if (name === 'digest') return digest(args[0], args[1]);
      return refuseEscape(`crypto.subtle.${name}()`, 'use its counterpart in node:crypto');
    };
    Object.defineProperty(shim, 'name', { value: name });
    replace(prototype, name, () => shim);
  }
}

function digest(algorithm: unknown, data: unknown): Promise<ArrayBuffer> {
  const name = typeof algorithm === 'string' ? algorithm : Reflect.get(Object(algorithm), 'name');
  const view = ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data as ArrayBuffer);
  return promiseLater(() => {
    const hash = crypto.createHash(String(name).replace('-', '')).update(view).digest();
    return Uint8Array.from(hash).buffer;
  });
}
