/** Faults, done to a world. */
import { beforeTimers } from './queue.ts';
import type { Fault } from './scenario.ts';
import type { Host } from './tcp/host.ts';
import type { World } from './world.ts';

/** Returns whether there was anything to strike. */
export function applyFault(world: World, fault: Fault): boolean {
  const host = world.host(fault.host);
  switch (fault.kind) {
    case 'kill': {
      const struck = host.life?.alive === true;
      world.kill(host);
      restartLater(world, host, fault.restartAfterMs);
      return struck;
    }
    case 'power-loss': {
      const struck = host.up;
      world.losePower(host);
      restartLater(world, host, fault.restartAfterMs);
      return struck;
    }
    case 'reset':
      return world.network.reset(host) > 0;
    case 'half-open':
      return world.network.silence(host) > 0;
    case 'refuse':
      host.refusesUntilMs = Math.max(host.refusesUntilMs, world.nowMs + fault.durationMs);
      return true;
    case 'slow-link':
      host.slowLink = { addedMs: fault.addedMs, untilMs: world.nowMs + fault.durationMs };
      return true;
  }
}

function restartLater(world: World, host: Host, afterMs: number | undefined): void {
  if (afterMs === undefined) return;
  world.schedule({
    kind: 'boot',
    atMs: world.nowMs + afterMs,
    side: beforeTimers,
    life: undefined,
    id: host.ordinal,
    fire: () => world.boot(host),
  });
}
