/**
 * A client that means harm: raw TCP, by hand, on a host of its own. Knows what the server must answer to each attack, and
 * complains when it does not.
 */
import net from 'node:net';
import type { Host } from '../../../network/host.ts';
import { type Attack, userOf } from '../scenario.ts';
import { type AttackScript, attacks } from './attacks.ts';

export class HostileClient {
  readonly #host: Host;
  readonly #complain: (text: string) => void;
  /** Attacks whose connection has not ended. */
  open = 0;

  constructor(host: Host, complain: (text: string) => void) {
    this.#host = host;
    this.#complain = complain;
  }

  attack({ how, attacker }: Attack): void {
    const { process: owner } = this.#host;
    if (owner?.alive !== true) return;
    owner.run(() => {
      const { opening, afterUpgrade, resetAfterMs, answers }: AttackScript = attacks[how];
      const socket = net.connect(8080, 'server');
      let heard = Buffer.alloc(0);
      let upgraded = false;
      this.open += 1;
      socket.on('connect', () => socket.write(opening(userOf(attacker))));
      socket.on('data', (bytes: Buffer) => {
        heard = Buffer.concat([heard, bytes]);
        if (upgraded || afterUpgrade === undefined || statusOf(heard) !== '101') return;
        upgraded = true;
        socket.write(afterUpgrade());
      });
      // It may be reset in its turn, which is an answer too.
      socket.on('error', () => {});
      socket.on('close', () => {
        this.open -= 1;
        const got = answerIn(heard);
        if (answers.includes(got)) return;
        this.#complain(`the attack ${how} was answered with ${got}, not ${answers.join(' or ')}`);
      });
      if (resetAfterMs !== undefined) setTimeout(() => socket.resetAndDestroy(), resetAfterMs);
    });
  }
}

/** The status of a refusal, or the code of the server's close frame; `none` when the connection just ended. */
function answerIn(bytes: Buffer): string {
  const status = statusOf(bytes);
  if (status !== '101') return status ?? 'none';
  let at = bytes.indexOf('\r\n\r\n') + 4;
  while (at + 2 <= bytes.length) {
    const [opcode, short] = [bytes.readUInt8(at) & 0x0f, bytes.readUInt8(at + 1) & 0x7f];
    const headerBytes = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (opcode === 8) return short >= 2 ? String(bytes.readUInt16BE(at + headerBytes)) : '1005';
    at += headerBytes + (short === 126 ? bytes.readUInt16BE(at + 2) : short);
  }
  return 'none';
}

/** Of a head that has arrived whole. */
function statusOf(bytes: Buffer): string | undefined {
  if (!bytes.includes('\r\n\r\n')) return undefined;
  return /^HTTP\/1\.1 (\d{3}) /.exec(bytes.toString('latin1', 0, 20))?.[1];
}
