/** The same work as the yardsticks', in the simulator: network, wire digest, trace and invariants are on. */
import '../sim/register.ts';
import { createServer } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import type { World } from '../sim/index.ts';
import { defaultNetwork, type Invariant, type Scenario, simulateSystem } from '../sim/index.ts';
import { CLIENTS, firstMessageAtMs, INTERVAL_MS, MESSAGES, RUN_MS } from './chatter.ts';

const SETTLE_MS = 1_000;

class Chatter {
  frames = 0;
  open = 0;

  setUp(world: World): void {
    world.addHost('server', () => {
      const server = createServer();
      new WebSocketServer({ server }).on('connection', (socket) => {
        socket.on('message', (data) => socket.send(String(data)));
      });
      server.listen(80);
    });
    for (let client = 0; client < CLIENTS; client += 1) {
      world.addHost(`client-${client}`, () => this.#connect(client));
    }
  }

  #connect(client: number): void {
    const socket = new WebSocket('ws://server', {
      generateMask: (mask) => mask.fill(client + 1),
    });
    let sent = 0;
    const say = (): void => {
      sent += 1;
      this.frames += 1;
      socket.send(`message ${sent}`);
      setTimeout(() => (sent < MESSAGES ? say() : socket.close()), INTERVAL_MS);
    };
    socket.on('message', () => {
      this.frames += 1;
    });
    socket.on('open', () => {
      this.open += 1;
      setTimeout(say, firstMessageAtMs(client));
    });
    socket.on('close', () => {
      this.open -= 1;
    });
  }

  perform(): void {}

  leave(): void {}

  faults(): Readonly<Record<string, number>> {
    return {};
  }

  metrics(): Readonly<Record<string, number>> {
    return { frames: this.frames };
  }
}

const invariants: readonly Invariant<Chatter>[] = [
  {
    name: 'no more tabs than clients are open',
    guarantee: 'bench',
    description: 'after every event',
    when: 'always',
    check: ({ open }) => (open <= CLIENTS ? undefined : `${open} are open`),
  },
  {
    name: 'all clients were answered and left',
    guarantee: 'bench',
    description: 'at the end',
    when: 'settled',
    check: ({ open, frames }) =>
      open === 0 && frames === 2 * CLIENTS * MESSAGES
        ? undefined
        : `${open} open, ${frames} frames`,
  },
];

function scenarioOf(seed: number): Scenario {
  return {
    format: 1,
    name: 'chatter',
    seed,
    network: defaultNetwork,
    actions: [],
    faults: [],
    durationMs: RUN_MS - SETTLE_MS,
    settleMs: SETTLE_MS,
    settings: null,
  };
}

/** Runs once and says how many frames went there and back. */
export async function simulatedChatter(seed: number): Promise<number> {
  const system = new Chatter();
  let records = 0;
  const outcome = await simulateSystem(
    { scenario: scenarioOf(seed), system, invariants },
    {
      watchdog: 'shared',
      onTrace: () => {
        records += 1;
      },
    },
  );
  if (outcome.verdict !== 'passed' || records !== outcome.events) {
    throw new Error(`the simulated chatter ${outcome.verdict}: ${JSON.stringify(outcome.failure)}`);
  }
  return system.frames;
}
