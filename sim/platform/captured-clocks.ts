/**
 * Clocks that fake-timers leaves real: `AbortSignal.timeout`, and `performance.now`, `process.hrtime` and `Date.now` that
 * a module captured after the engine was loaded. What was captured before cannot be seen, which is one reason why the
 * engine comes first. The globals themselves are replaced in `sim/engine/virtual-clock.ts`.
 */
import { performance as realPerformance } from 'node:perf_hooks';
import { activeRun } from '../process/active-run.ts';

export function installTimeShims(): void {
  const prototype = Object.getPrototypeOf(realPerformance);
  const realNow: () => number = prototype.now;
  prototype.now = function now(this: typeof realPerformance): number {
    return activeRun() === undefined ? realNow.call(this) : globalThis.performance.now();
  };

  const realHrtime = process.hrtime;
  const hrtime: NodeJS.HRTime = (previous) => currentHrtime()(previous);
  hrtime.bigint = () => currentHrtime().bigint();
  const currentHrtime = (): NodeJS.HRTime => {
    const current = process.hrtime;
    return activeRun() === undefined || current === hrtime ? realHrtime : current;
  };
  process.hrtime = hrtime;

  const RealDate = Date;
  const realDateNow = RealDate.now;
  RealDate.now = function now(): number {
    // `Date` itself is another one during a run.
    return activeRun() === undefined || Date === RealDate ? realDateNow() : Date.now();
  };

  const { uptime } = process;
  process.uptime = () =>
    activeRun() === undefined ? uptime() : globalThis.performance.now() / 1_000;

  const realTimeout = AbortSignal.timeout;
  AbortSignal.timeout = function timeout(ms: number): AbortSignal {
    if (activeRun() === undefined) return realTimeout.call(AbortSignal, ms);
    const controller = new AbortController();
    setTimeout(() => {
      const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
      controller.abort(reason);
    }, ms);
    return controller.signal;
  };
}
