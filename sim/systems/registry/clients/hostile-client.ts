/**
 * A client that attacks with raw bytes, on a host of its own. It knows the correct answers to each attack, and records
 * a violation when the server gives another one.
 */
import type { Host } from '../../../network/hosts/host.ts';
import { RawClient, statusIn } from '../../clients/raw-client.ts';
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
      const client = new RawClient({
        opening: opening(userOf(attacker)),
        ...(afterUpgrade === undefined ? {} : { following: afterUpgrade() }),
        ...(resetAfterMs === undefined ? {} : { leaving: 'reset', afterMs: resetAfterMs }),
      });
      this.open += 1;
      client.connect(() => {
        this.open -= 1;
        const got = answerIn(Buffer.from(client.received, 'latin1'));
        if (answers.includes(got)) return;
        this.#complain(`the attack ${how} was answered with ${got}, not ${answers.join(' or ')}`);
      });
    });
  }
}

/** The status of a refusal, or the code of the server's close frame; `none` when the connection just ended. */
function answerIn(bytes: Buffer): string {
  const status = statusIn(bytes.toString('latin1'));
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
