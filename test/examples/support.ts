/** Starts an example as its readers do: in a project that has installed the package. Holds no assertions. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { type Consumer, installPackage } from '../package/consumer.ts';

export async function installExamples(): Promise<Consumer> {
  const consumer = await installPackage();
  consumer.link('ws', 'express', 'fastify');
  const examples = fileURLToPath(new URL('../../examples/', import.meta.url));
  cpSync(examples, join(consumer.folder, 'examples'), { recursive: true });
  return consumer;
}

/** How a client's attempt ended. The socket is open when the status is 101 and no close code is there. */
export interface PreparedRun {
  readonly socket: WebSocket;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Every message so far. The first may come with the answer to the upgrade. */
  readonly heard: readonly string[];
}

/** One running server. */
export class Example implements AsyncDisposable {
  readonly port: number;
  readonly process: ChildProcess;
  /** What it said on its standard error. */
  readonly errors: readonly string[];
  readonly #sockets: WebSocket[] = [];

  private constructor(port: number, process: ChildProcess, errors: readonly string[]) {
    this.port = port;
    this.process = process;
    this.errors = errors;
  }

  /** On a port of its own choice unless `env` says `PORT`. */
  static async start(
    consumer: Consumer,
    name: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Example> {
    const { NODE_OPTIONS: _, ...own } = process.env;
    const server = spawn(process.execPath, [`examples/${name}`], {
      cwd: consumer.folder,
      env: { ...own, PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // Also after a test that ran out of time, whose blocks never end.
    onTestFinished(() => void server.kill('SIGKILL'));
    const said: string[] = [];
    server.stderr.on('data', (data) => said.push(String(data)));
    for await (const line of createInterface({ input: server.stdout })) {
      const port = /^listening on (\d+)$/.exec(line)?.[1];
      if (port === undefined) continue;
      // The test reads no further: later output must not fill the pipe.
      server.stdout.resume();
      return new Example(Number(port), server, said);
    }
    throw new Error(`${name} did not start: ${said.join('')}`);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Settles when the upgrade is answered. */
  open(path: string, options: ClientOptions = {}): Promise<PreparedRun> {
    const socket = new WebSocket(`ws://127.0.0.1:${this.port}${path}`, options);
    this.#sockets.push(socket);
    const heard: string[] = [];
    socket.on('message', (data) => heard.push(String(data)));
    return new Promise((resolve, reject) => {
      let headers: IncomingHttpHeaders = {};
      socket.on('error', reject);
      socket.on('upgrade', (response) => {
        headers = response.headers;
      });
      socket.on('open', () => resolve({ socket, status: 101, headers, heard }));
      socket.on('unexpected-response', (_request, response) => {
        response.resume();
        resolve({ socket, status: response.statusCode ?? 0, headers: response.headers, heard });
      });
    });
  }

  /** Its exit code. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const exited = once(this.process, 'exit');
    this.process.kill(signal);
    const [code] = await exited;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) {
      socket.on('error', () => {});
      socket.terminate();
    }
    if (this.process.exitCode === null && this.process.signalCode === null) {
      await this.end('SIGKILL');
    }
  }
}

/** What it has heard, once that is `count` messages. */
export async function messages(
  { socket, heard }: PreparedRun,
  count: number,
): Promise<readonly string[]> {
  while (heard.length < count) await once(socket, 'message');
  return heard;
}

/** Opens `open` one after another and says how many were let in before the first that was not. */
export async function openUntilRefused(
  open: (number: number) => Promise<PreparedRun>,
  most: number,
): Promise<{ readonly opened: number; readonly refused: PreparedRun | undefined }> {
  for (let number = 0; number < most; number += 1) {
    const attempt = await open(number);
    if (attempt.status !== 101) return { opened: number, refused: attempt };
  }
  return { opened: most, refused: undefined };
}
