/** Defects planted in a copy of the network break its own assertions, and the outcome names the simulator. */
import net from 'node:net';
import { expect, test } from 'vitest';
import { engineInvariants } from '../../sim/run/invariant.ts';
import { run } from '../run/support.ts';
import { type Defect, simulateWith } from './conformance/defects.ts';

interface BrokenRule {
  readonly title: string;
  readonly defect: Pick<Defect, 'name' | 'patches'>;
  readonly detail: RegExp;
}

const brokenRules: readonly BrokenRule[] = [
  {
    title: 'a segment that overtakes another one breaks the order of bytes',
    defect: {
      name: 'segments arrive out of order',
      patches: [
        {
          file: 'network/tcp/direction.ts',
          find: 'if (atMs < this.#lastArrivalMs) atMs = this.#lastArrivalMs;',
          replace: 'atMs += (payload as { length?: number } | undefined)?.length === 4 ? 3 : 0;',
        },
      ],
    },
    detail: /byte \d+ of a direction arrived when byte \d+ was due/,
  },
  {
    title: 'a segment that arrives twice breaks the order of bytes',
    defect: {
      name: 'segments arrive twice',
      patches: [
        {
          file: 'network/tcp/transmission.ts',
          find: 'const arrive = () => this.#arrive(sent);',
          replace: 'const arrive = () => { this.#arrive(sent); this.#arrive(sent); };',
        },
      ],
    },
    detail: /byte 0 of a direction arrived when byte 4 was due/,
  },
  {
    title: 'an acknowledgement that is counted twice breaks the count of bytes in flight',
    defect: {
      name: 'acknowledgements count twice',
      patches: [
        {
          file: 'network/tcp/sender.ts',
          find: 'this.#buffer.inFlightBytes -= bytes;',
          replace: 'this.#buffer.inFlightBytes -= 2 * bytes;',
        },
      ],
    },
    detail: /bytes in flight are counted as -?\d+ bytes, and \d+ are held/,
  },
  {
    title: 'a read that is not counted breaks the count of unread bytes',
    defect: {
      name: 'reads are not counted',
      patches: [
        {
          file: 'network/tcp/receive-buffer.ts',
          find: 'this.unreadBytes -= chunk.length;',
          replace: 'this.unreadBytes -= 1;',
        },
      ],
    },
    detail: /unread bytes are counted as 3 bytes, and 0 are held/,
  },
  {
    title: 'a write that is not counted breaks the count of waiting bytes',
    defect: {
      name: 'writes are not counted',
      patches: [
        {
          file: 'network/tcp/send-buffer.ts',
          find: 'this.waitingBytes += taken.length;',
          replace: 'this.waitingBytes += 1;',
        },
      ],
    },
    detail: /bytes that wait to be sent are counted as 1 bytes, and 4 are held/,
  },
  {
    title: 'an endpoint that opens again after it was closed breaks the order of states',
    defect: {
      name: 'a closed endpoint opens again',
      patches: [
        {
          file: 'network/tcp/endpoint.ts',
          find: "this.#become('closed');\n    if (wasOpening)",
          replace: "this.#become('closed');\n    this.open();\n    if (wasOpening)",
        },
      ],
    },
    detail: /an endpoint went from closed to open/,
  },
];

/** A server that echoes, and a client that writes twice, reads, ends, and swallows every error that it is told. */
const hosts = {
  server: () => {
    const server = net.createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (bytes) => socket.write(bytes));
    });
    server.listen(80);
  },
  client: () => {
    const socket = net.connect(80, 'server');
    socket.on('error', () => {});
    socket.on('data', () => socket.destroy());
    socket.on('connect', () => {
      try {
        socket.write('abcd');
        setTimeout(() => socket.write('efg'), 1);
      } catch {}
    });
  },
};

test('a sound network breaks none of its assertions', async () => {
  expect((await run(hosts)).verdict).toBe('passed');
});

for (const { title, defect, detail } of brokenRules) {
  test(title, async () => {
    const simulate = await simulateWith(defect);

    const outcome = await run(hosts, { simulate });

    expect(outcome.verdict).toBe('crashed');
    expect(outcome.failure).toMatchObject({
      invariant: engineInvariants.simulator,
      detail: expect.stringMatching(detail),
    });
    expect(outcome.failure?.detail).toContain(
      'a defect of the simulator, not of the code under test',
    );
  });
}
