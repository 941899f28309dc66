/** The families of scenarios, and how a seed becomes one. */
import { type Base, clockJump } from './clocks.ts';
import { day } from './day.ts';
import { family, type RegistryFamily } from './family.ts';
import { hostileClient, slowReader } from './hostile.ts';
import { laptopLid, rollingDeploy } from './moving.ts';
import {
  cleanupRace,
  coldStart,
  containerRestart,
  contextMismatch,
  emergency,
  multiTab,
  reconnect,
} from './named.ts';
import { zombieProxy } from './proxy.ts';
import { eventLoopStall } from './stall.ts';
import { swarm } from './swarm.ts';

/** Short workloads of all kinds. */
const withClocks: readonly Base[] = [
  ['swarm', swarm],
  ['multi-tab', multiTab],
  ['cold-start', coldStart],
  ['reconnect', reconnect],
  ['cleanup-race', cleanupRace],
  ['container-restart', containerRestart],
  ['emergency', emergency],
  ['laptop-lid', laptopLid],
  ['hostile-client', hostileClient],
];

export const scenarios: readonly RegistryFamily[] = [
  family(
    'swarm',
    'every knob and every fault class switched on or off by the seed (the default)',
    swarm,
  ),
  family('multi-tab', 'one user, 8 tabs; 3 close, then all', multiTab),
  family('cold-start', '25 attempts at 15 a second on a limit of 20; 5 leave, 5 come', coldStart),
  family(
    'reconnect',
    '15 cycles of 200 ms up and 100 ms down, by close frame, reset or silence',
    reconnect,
  ),
  family(
    'context-mismatch',
    '10 sessions that create their context twice, 50 ms apart',
    contextMismatch,
  ),
  family(
    'cleanup-race',
    'an acquire and a cleanup at each instant, half of the peers dead',
    cleanupRace,
  ),
  family(
    'container-restart',
    'the server dies with 15 managers; all come back at once',
    containerRestart,
  ),
  family('emergency', '20 managers with unresponsive peers; a 21st connects', emergency),
  family('slow-reader', '1 client in 10 stops reading while the server streams', slowReader),
  family('hostile-client', 'half upgrades, floods, broken frames, foreign threads', hostileClient),
  family('laptop-lid', 'clients vanish silently and reconnect 5 s to 10 min later', laptopLid),
  family('rolling-deploy', '400 clients move over when one of two servers drains', rollingDeploy),
  family('event-loop-stall', 'the server pauses for 1 to 20 s, under load', eventLoopStall),
  family('clock-jump', 'the wall clock jumps while another scenario runs', clockJump(withClocks)),
  family('zombie-proxy', 'a proxy answers pings for 20 clients that are gone', zombieProxy),
  family('day', '24 hours of an office: sleep, networks, two deploys, a crash', day),
];
