/** Many tabs that are connected to a simulated registry, of which a few say something. All invariants are on. */
import '../sim/register.ts';
import { realNowMs } from '../sim/engine/real-time.ts';
import { simulate } from '../sim/systems/registry/index.ts';
import { Plan } from '../sim/systems/registry/workload/plan.ts';

const TALKERS = 10;
const MESSAGES = 10_000;
/** Of the virtual minute that is measured, after all clients have come. */
const FROM_MS = 60_000;
const TO_MS = 120_000;

interface Crowd {
  readonly connections: number;
  /** Whether the registry pings them meanwhile. */
  readonly pings: boolean;
}

/** Microseconds per event, while all clients are there. */
export async function eventUs({ connections, pings }: Crowd): Promise<number> {
  const plan = new Plan({ name: 'crowd', seed: 1, durationMs: TO_MS, settleMs: 60_000 });
  if (!pings) plan.option('heartbeatIntervalMs', 2 * TO_MS);
  for (let tab = 0; tab < connections; tab += 1) {
    plan.connect(Math.floor((FROM_MS / 2) * (tab / connections)), `user-${tab}.1`);
  }
  for (let message = 0; message < MESSAGES; message += 1) {
    const atMs = FROM_MS + Math.floor((TO_MS - FROM_MS) * (message / MESSAGES));
    plan.say(atMs, `user-${message % TALKERS}.1`, 40);
  }
  const began = { atMs: 0, events: 0 };
  const ended = { atMs: 0, events: 0 };
  let events = 0;
  const outcome = await simulate(plan.scenario(undefined), {
    watchdog: 'shared',
    onTrace: ({ atMs }) => {
      events += 1;
      if (atMs >= TO_MS) return;
      const mark = atMs < FROM_MS ? began : ended;
      mark.atMs = realNowMs();
      mark.events = events;
    },
  });
  if (outcome.verdict !== 'passed') throw new Error(JSON.stringify(outcome.failure));
  return (1_000 * (ended.atMs - began.atMs)) / (ended.events - began.events);
}
