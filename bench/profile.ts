/**
 * Where the time of a campaign goes, from a CPU profile of this process: `npm run profile -- [runs] [first seed]`.
 * The self time of a frame of Node's own or of V8's counts for its caller, up to the first frame that says what
 * it was for: hashing for `ws` is `ws`, an emitted event is the emitter's.
 */
import { type Profiler, Session } from 'node:inspector/promises';
import { scenarios, simulate } from '../sim/systems/registry/index.ts';
import { parseWords, refuseUsage } from '../tools/parse-arguments.ts';

/** The part that a frame works for; `undefined` leaves it to its caller. */
function ownerOf({ url, functionName }: Profiler.ProfileNode['callFrame']): string | undefined {
  if (functionName === '(garbage collector)') return 'garbage collector';
  if (functionName === '(idle)' || functionName === '(program)') return 'idle and program';
  if (url.includes('/node_modules/ws/')) return 'ws';
  if (url.includes('/fake-timers/')) return 'fake-timers';
  if (/\/src\/(?:[\w-]+\/)*[\w-]+\.ts$/.test(url)) return 'registry';
  const folder = /\/(sim\/[\w-]+)\//.exec(url)?.[1];
  if (folder !== undefined) return folder;
  if (url.startsWith('node:_http') || url === 'node:http') return 'http';
  if (/^node:(internal\/streams|_stream|stream|internal\/stream)/.test(url)) return 'streams';
  if (url.startsWith('node:internal/modules') || url.includes('/tsx/')) return 'loading modules';
  return undefined;
}

const underTest = ['ws', 'http', 'streams', 'registry'];

function sharesOf(profile: Profiler.Profile): ReadonlyMap<string, number> {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map<number, number>();
  for (const node of profile.nodes)
    for (const child of node.children ?? []) parents.set(child, node.id);
  const ownerOfNode = (id: number | undefined): string => {
    const node = id === undefined ? undefined : nodes.get(id);
    if (node === undefined) return 'other';
    return ownerOf(node.callFrame) ?? ownerOfNode(parents.get(node.id));
  };
  const shares = new Map<string, number>();
  profile.samples?.forEach((id, index) => {
    const owner = ownerOfNode(id);
    shares.set(owner, (shares.get(owner) ?? 0) + (profile.timeDeltas?.[index] ?? 0));
  });
  return shares;
}

const usage = 'npm run profile -- [runs, 200 unless said] [first seed, 1 unless said]';
const { positionals } = parseWords(usage, { allowPositionals: true });
const stranger = positionals.find((word) => !/^[1-9]\d{0,8}$/.test(word));
if (stranger !== undefined) {
  refuseUsage(`runs and first seed must be positive integers, got '${stranger}'`, usage);
}
const [runs, firstSeed] = positionals.map(Number);
const swarm = scenarios[0];
if (swarm === undefined) throw new Error('there is no default scenario');
const first = firstSeed ?? 1;
const count = runs ?? 200;

// The first runs load modules and compile; they say nothing of a campaign.
for (let seed = first; seed < first + 20; seed++)
  await simulate(swarm.make(seed), { watchdog: 'shared' });

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.start');
const startedMs = performance.now();
let connections = 0;
let events = 0;
for (let seed = first; seed < first + count; seed++) {
  const outcome = await simulate(swarm.make(seed), { watchdog: 'shared' });
  connections += outcome.connections;
  events += outcome.events;
}
const tookMs = performance.now() - startedMs;
const { profile } = await session.post('Profiler.stop');

const shares = [...sharesOf(profile)].sort(([, a], [, b]) => b - a);
const total = shares.reduce((sum, [, time]) => sum + time, 0);
for (const [owner, time] of shares)
  console.log(`${((100 * time) / total).toFixed(1).padStart(5)} %  ${owner}`);
const tested = shares.reduce(
  (sum, [owner, time]) => sum + (underTest.includes(owner) ? time : 0),
  0,
);
console.log(
  `${((100 * tested) / total).toFixed(1).padStart(5)} %  in all: ${underTest.join(', ')}`,
);
console.log(
  `${count} runs, ${connections} connections, ${events} events in ${Math.round(tookMs)} ms: ` +
    `${((1_000 * count) / tookMs).toFixed(1)} runs/s, ${Math.round((1_000 * connections) / tookMs)} connections/s, ` +
    `${Math.round((1_000 * tookMs) / connections)} us a connection`,
);
