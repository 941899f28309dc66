/** What leaves the process, or comes back by the real event loop: refused to simulated hosts, by name. */
import childProcess from 'node:child_process';
import cluster from 'node:cluster';
import dgram from 'node:dgram';
import dns from 'node:dns';
import net from 'node:net';
import tls from 'node:tls';
import workers from 'node:worker_threads';
import { nameNotFound } from '../network/hosts/addresses.ts';
import { activeRun, governedProcess, refuseEscape } from '../process/active-run.ts';
import { type AnyFunction, answerLater, promiseLater, replace } from './answer.ts';
import { refuseConstruction } from './fetch.ts';

export const noTls =
  'its wire bytes cannot be seeded; use plain TCP, as behind a proxy that ends TLS';
const noProcess = 'only the processes of hosts are simulated';
const noChannel = 'its messages come by the real event loop';

export function installRefusals(): void {
  for (const name of [
    'spawn',
    'exec',
    'execFile',
    'fork',
    'spawnSync',
    'execSync',
    'execFileSync',
  ]) {
    refuse(childProcess, name, `child_process.${name}()`, noProcess);
  }
  refuse(cluster, 'fork', 'cluster.fork()', noProcess);
  refuse(dgram, 'createSocket', 'dgram.createSocket()', 'only TCP is simulated');
  refuse(tls, 'connect', 'tls.connect()', noTls);
  for (const name of ['Worker', 'MessageChannel', 'BroadcastChannel'] as const) {
    const real = workers[name];
    const guarded = new Proxy(real, {
      construct(target, args, newTarget) {
        if (governedProcess() !== undefined) refuseEscape(`new ${name}()`, noChannel);
        return Reflect.construct(target, args, newTarget);
      },
    });
    Object.assign(workers, { [name]: guarded });
  }
  for (const name of ['MessageChannel', 'BroadcastChannel']) {
    refuseConstruction(name, noChannel, () => governedProcess() !== undefined);
  }
  governNames();
}

function refuse(target: object, name: string, call: string, instead: string): void {
  replace(target, name, (real) => (...args) => {
    if (governedProcess() !== undefined) refuseEscape(call, instead);
    return Reflect.apply(real, target, args);
  });
}

/** Names of hosts are known to the run; there are no other records. */
function governNames(): void {
  replace(dns, 'lookup', (real) => (...args) => {
    const callback = args.at(-1);
    if (governedProcess() === undefined || typeof callback !== 'function') return real(...args);
    const wantsAll = Reflect.get(Object(args[1]), 'all') === true;
    const work = () => {
      const address = lookUp(String(args[0]));
      return wantsAll ? [[{ address, family: 4 }]] : [address, 4];
    };
    answerLater(work, callback as AnyFunction);
    return {};
  });
  replace(dns.promises, 'lookup', (real) => (...args) => {
    if (governedProcess() === undefined) return real(...args);
    const wantsAll = Reflect.get(Object(args[1]), 'all') === true;
    return promiseLater(() => {
      const found = { address: lookUp(String(args[0])), family: 4 };
      return wantsAll ? [found] : found;
    });
  });
  const instead = 'only dns.lookup() of the names of hosts is simulated';
  for (const target of [dns, dns.promises]) {
    const module = target === dns ? 'dns' : 'dns.promises';
    const names = Object.keys(target).filter((name) =>
      /^(resolve|reverse|lookupService)/.test(name),
    );
    for (const name of names) refuse(target, name, `${module}.${name}()`, instead);
  }
}

function lookUp(name: string): string {
  if (net.isIP(name) !== 0) return name;
  if (name === 'localhost') return '127.0.0.1';
  const address = activeRun()?.lookUp(name);
  if (address === undefined) throw nameNotFound(name);
  return address;
}
