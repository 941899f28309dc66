/** Applies one fault of a scenario to a world. The scenario decides when it begins. */

import { beforeTimers } from '../engine/event-queue.ts';
import type { Host } from '../network/hosts/host.ts';
import { pauseProcess } from '../process/pause.ts';
import type { Fault, Partition, ProxyFault } from '../scenario/fault.ts';
import type { World } from './world.ts';

/** Returns whether there was anything that the fault applied to. */
export function applyFault(world: World, fault: Fault): boolean {
  const host = world.host(fault.host);
  switch (fault.kind) {
    case 'kill': {
      const applied = host.process?.alive === true;
      world.kill(host);
      restartLater(world, host, fault.restartAfterMs);
      return applied;
    }
    case 'power-loss': {
      const applied = host.up;
      world.losePower(host);
      restartLater(world, host, fault.restartAfterMs);
      return applied;
    }
    case 'reset':
      return world.network.reset(host) > 0;
    case 'half-open':
      return world.network.silence(host) > 0;
    case 'refuse':
      host.refusesUntilMs = Math.max(host.refusesUntilMs, world.nowMs + fault.durationMs);
      return true;
    case 'blackhole':
      host.blackholeUntilMs = Math.max(host.blackholeUntilMs, world.nowMs + fault.durationMs);
      return true;
    case 'pause':
      if (host.process?.alive !== true) return false;
      pauseProcess(world, host.process, fault.durationMs);
      return true;
    case 'proxy':
      putProxy(world, host, fault);
      return true;
    case 'partition':
      cut(world, fault);
      return true;
    case 'clock-jump':
      host.wallClock.jump(fault.byMs);
      return true;
    case 'clock-drift':
      host.wallClock.drift(world.nowMs, fault.ppm, fault.durationMs);
      return true;
    case 'address-change':
      world.changeAddress(host);
      return true;
    case 'slow-link':
      host.slowLink = { addedMs: fault.addedMs, untilMs: world.nowMs + fault.durationMs };
      return true;
  }
}

/** The names of all hosts that a fault contains. */
export function hostsOf(fault: Fault): readonly string[] {
  if (fault.kind !== 'partition') return [fault.host];
  return [fault.host, ...(fault.with ?? []), ...(fault.from ?? [])];
}

function cut(world: World, { host, with: others = [], from, direction, durationMs }: Partition) {
  const hosts = (names: readonly string[]) => new Set(names.map((name) => world.host(name)));
  world.network.partitions.add({
    side: hosts([host, ...others]),
    otherSide: from === undefined ? undefined : hosts(from),
    cutsOut: direction !== 'in',
    cutsIn: direction !== 'out',
    untilMs: world.nowMs + durationMs,
  });
}

function putProxy(world: World, host: Host, options: ProxyFault): void {
  const proxy = { options, untilMs: world.nowMs + options.durationMs };
  host.proxy = proxy;
  world.schedule({
    kind: 'proxy',
    atMs: proxy.untilMs,
    side: beforeTimers,
    owner: undefined,
    id: 0,
    fire: () => world.network.endProxy(proxy),
  });
}

function restartLater(world: World, host: Host, afterMs: number | undefined): void {
  if (afterMs === undefined) return;
  world.schedule({
    kind: 'boot',
    atMs: world.nowMs + afterMs,
    side: beforeTimers,
    owner: undefined,
    id: host.ordinal,
    fire: () => world.boot(host),
  });
}
