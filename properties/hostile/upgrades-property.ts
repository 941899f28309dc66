/** The property of upgrades from clients that send anything. */
import { UserExecutionContext } from '../../src/index.ts';
import { batchProperty, inputsPerRun } from '../runner/batch.ts';
import { faultOfFrames, readFrames } from './frames-read.ts';
import { evilOrigin, forbiddenThread, oddTokens } from './hooks.ts';
import { type Answer, cut, readAnswers } from './http-answers.ts';
import { isUsableId } from './ids.ts';
import { type HostileUpgrade, hostileUpgrade, openingOf } from './upgrades.ts';
import { type Answered, runHostile } from './visited-server.ts';

/** A text and a close with 1000, masked with zeros. */
const talk = '\x81\x82\0\0\0\0hi\x88\x82\0\0\0\0\x03\xe8';

const managersPerUser = 20;

/** Far below the 16 KiB at which Node answers with 431. */
const longHead = 15_000;

export const upgradesProperty = batchProperty({
  title: 'every upgrade is refused with a whole answer or let in, and leaves nothing',
  input: hostileUpgrade,
  inputsPerRun: inputsPerRun.upgrades,
  attempt: async (inputs: readonly HostileUpgrade[], bug) => {
    const openings = inputs.map(openingOf);
    const { fault, answered, accepted } = await runHostile(
      inputs.map(({ talks, leaving, afterMs }, index) => ({
        opening: openings[index] ?? '',
        following: talks ? talk : '',
        leaving,
        afterMs,
      })),
      { maxManagersPerUser: managersPerUser },
      bug,
    );
    if (fault !== undefined) return { judged: accepted, fault };
    const faults = answered.map((answer, index) => {
      const input = inputs[index] as HostileUpgrade;
      const found =
        faultOfForm(input, openings[index] ?? '', answer) ?? faultOfStatus(input, answer, inputs);
      return found === undefined ? undefined : `${found}: ${cut(openings[index] ?? '')}`;
    });
    return { judged: accepted, fault: faults.find((found) => found !== undefined) };
  },
});

/** A complete refusal, or a proper admission. */
function faultOfForm(
  { leaving }: HostileUpgrade,
  opening: string,
  { received, ending }: Answered,
): string | undefined {
  // A client that resets may miss anything.
  if (leaving === 'reset') return undefined;
  if (ending !== 'end') return `the server took leave with ${ending}`;
  const { answers, upgraded, fault } = readAnswers(received, opening.startsWith('HEAD '));
  if (fault !== undefined) return fault;
  const last = answers.findLast(({ status }) => status !== 100);
  if (last === undefined) return isAnsweredByNobody(opening, leaving) ? undefined : 'no answer';
  if (upgraded === undefined) {
    const odd = answers.find(({ status }) => status !== 100 && (status < 400 || status > 599));
    return odd && `an answer with ${odd.status}`;
  }
  // A client that offers to compress is told so when that was agreed (RFC 7692, 5), and may be sent what is compressed.
  const agreed = String(last.headers['sec-websocket-extensions'] ?? '');
  const compressed = agreed.startsWith('permessage-deflate');
  return faultOfAdmission(opening, last) ?? faultOfFrames(upgraded, { compressed });
}

/**
 * Node closes on a CONNECT without a listener. A client that ends its side before the handshake is refused by `ws`, which
 * just closes; and a client that says nothing and ends gets nothing.
 */
function isAnsweredByNobody(opening: string, leaving: HostileUpgrade['leaving']): boolean {
  return leaving === 'end' || /^[\r\n]*CONNECT /.test(opening);
}

function faultOfAdmission(opening: string, { headers }: Answer): string | undefined {
  const needed = [
    /^[\r\n]*GET /,
    /^upgrade:[ \t]*websocket/im,
    /^sec-websocket-key:[ \t]*[\w+/]{22}==/im,
    /^sec-websocket-version:[ \t]*(13|8)/im,
    /^authorization:[ \t]*Bearer \S/im,
  ];
  const missed = needed.find((pattern) => !pattern.test(opening));
  if (missed !== undefined) return `let in without ${missed}`;
  if (headers.upgrade !== 'websocket' || headers.connection !== 'Upgrade') return 'no upgrade';
  const ids = [headers['x-websocket-client-id'], headers['x-thread-id']].map(decoded);
  return ids.every(isUsableId) ? undefined : `it was told the ids ${JSON.stringify(ids)}`;
}

function decoded(header: string | string[] | undefined): string | undefined {
  if (typeof header !== 'string' || !/^[\w.!~*'()%-]+$/.test(header)) return undefined;
  return decodeURIComponent(header);
}

/** What a request that is whole and not tampered with must be answered. */
function faultOfStatus(
  input: HostileUpgrade,
  { received }: Answered,
  all: readonly HostileUpgrade[],
): string | undefined {
  const { mutations, cutAt, leaving, talks, token } = input;
  const opening = openingOf({ ...input, cutAt: null });
  if (leaving === 'reset' || mutations.length > 0 || opening.length > (cutAt ?? opening.length))
    return undefined;
  const { answers, upgraded } = readAnswers(received, false);
  const [answer] = answers;
  // `ws` does not shake hands with a client that has ended its side.
  if (answer === undefined && leaving === 'end' && !talks) return undefined;
  const expected = expectedStatus(input);
  const status = answer?.status;
  if (status === 431 && opening.length > longHead) return undefined;
  if (status === 429 && expected === 101 && isCrowd(token, all)) return undefined;
  if (answer === undefined || status !== expected) return `answered ${status}, not ${expected}`;
  return upgraded === undefined ? undefined : faultOfWelcome(input, answer, upgraded);
}

function isCrowd(token: string | null, all: readonly HostileUpgrade[]): boolean {
  return all.filter((upgrade) => upgrade.token === token).length > managersPerUser;
}

function expectedStatus({ token, clientId, threadId, origin }: HostileUpgrade): number {
  if (origin === evilOrigin) return 403;
  if (token === null || token === '') return 401;
  const odd = oddTokens.get(token);
  if (odd !== undefined && odd !== 101) return odd;
  // `decodeURIComponent` in `authenticate` throws at half a pair, before the id can be judged.
  if (/\p{Surrogate}/u.test(token)) return 503;
  if (![token, clientId ?? 'tab', threadId ?? 'thread'].every(isUsableId)) return 400;
  return threadId === forbiddenThread ? 403 : 101;
}

/** The ids that it is told are those that it named, or derived from them; and it is heard. */
function faultOfWelcome(
  { token, clientId, threadId, talks }: HostileUpgrade,
  { headers }: Answer,
  upgraded: string,
): string | undefined {
  const told = decoded(headers['x-websocket-client-id']) ?? '';
  const context = UserExecutionContext.fromWebSocketRequest({
    userId: token ?? '',
    websocketClientId: clientId ?? told,
    threadId: threadId ?? undefined,
  });
  if (told !== context.websocketClientId) return `its client id became ${cut(told)}`;
  if (decoded(headers['x-thread-id']) !== context.threadId) return 'its thread id became another';
  if (!talks) return undefined;
  const { frames } = readFrames(Buffer.from(upgraded, 'latin1'));
  const seen = frames.map(({ opcode, payload }) => `${opcode} ${payload.toString('hex')}`);
  return seen.join() === '1 6869,8 03e8' ? undefined : `it heard the frames ${seen.join()}`;
}
