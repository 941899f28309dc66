/**
 * `process`, as far as it is one for all hosts: a simulated process listens for its own signals, and cannot end the real
 * one.
 */
import { refuseEscape } from '../governor.ts';
import { governedLife } from '../life.ts';
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
      const life = governedLife();
      if (life === undefined) return Reflect.apply(real, process, args);
      const result: unknown = Reflect.apply(
        Reflect.get(life.processEvents, name),
        life.processEvents,
        args,
      );
      return result === life.processEvents ? process : result;
    });
  }
  replace(process, 'emit', (real) => (...args) => {
    const life = governedLife();
    const isSignal = typeof args[0] === 'string' && args[0].startsWith('SIG');
    if (life === undefined || !isSignal) return Reflect.apply(real, process, args);
    return life.processEvents.emit(String(args[0]), ...args.slice(1));
  });
  for (const name of ['exit', 'abort', 'reallyExit', 'kill', 'chdir']) {
    replace(process, name, (real) => (...args) => {
      if (governedLife() !== undefined) {
        refuseEscape(`process.${name}()`, 'the process is the one that simulates all hosts');
      }
      return Reflect.apply(real, process, args);
    });
  }
}
