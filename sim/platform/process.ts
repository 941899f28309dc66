/**
 * `process`, as far as it is one for all hosts: a simulated process listens for its own signals, and cannot end the real
 * one.
 */
import { governedProcess, refuseEscape } from '../process/active-run.ts';
import { replace } from './answer.ts';

/** Those of an emitter that concern its listeners. */
const listening = [
  'on',
  'addListener',
  'once',
  'prependListener',
  'prependOnceListener',
  'off',
  'removeListener',
  'removeAllListeners',
  'listeners',
  'rawListeners',
  'listenerCount',
  'eventNames',
];

export function installProcessShims(): void {
  for (const name of listening) {
    replace(process, name, (real) => (...args) => {
      const owner = governedProcess();
      if (owner === undefined) return Reflect.apply(real, process, args);
      const result: unknown = Reflect.apply(
        Reflect.get(owner.processEvents, name),
        owner.processEvents,
        args,
      );
      return result === owner.processEvents ? process : result;
    });
  }
  replace(process, 'emit', (real) => (...args) => {
    const owner = governedProcess();
    const isSignal = typeof args[0] === 'string' && args[0].startsWith('SIG');
    if (owner === undefined || !isSignal) return Reflect.apply(real, process, args);
    return owner.processEvents.emit(String(args[0]), ...args.slice(1));
  });
  for (const name of ['exit', 'abort', 'reallyExit', 'kill', 'chdir']) {
    replace(process, name, (real) => (...args) => {
      if (governedProcess() !== undefined) {
        refuseEscape(`process.${name}()`, 'the process is the one that simulates all hosts');
      }
      return Reflect.apply(real, process, args);
    });
  }
}
