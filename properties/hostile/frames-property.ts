/** The property of connections whose peers send any sequence of frames. */
import { batchProperty, inputsPerRun } from '../runner/batch.ts';
import { bytesOf, type FrameSequence, frameSequence } from './frames.ts';
import { consequenceOf, faultOfFrames, readFrames } from './frames-read.ts';
import { readAnswers } from './http-answers.ts';
import { genuineUpgrade, openingOf } from './upgrades.ts';
import { type Answered, runHostile } from './visited-server.ts';

const maxPayloadBytes = 2_000;

export const framesProperty = batchProperty({
  title: 'every sequence of frames ends as RFC 6455 says, and leaves nothing',
  input: frameSequence,
  inputsPerRun: inputsPerRun.frames,
  attempt: async (inputs: readonly FrameSequence[]) => {
    const visits = inputs.map((input, index) => {
      const { early, deflate, leaving, afterMs } = input;
      const opening = genuineOpening(`user-${index}`, deflate);
      const frames = bytesOf(input).toString('latin1');
      return early
        ? { opening: opening + frames, following: '', leaving, afterMs }
        : { opening, following: frames, leaving, afterMs };
    });
    const { fault, answered, accepted } = await runHostile(visits, { maxPayloadBytes });
    const faults = answered.map((answer, index) => faultOf(inputs[index] as FrameSequence, answer));
    return { judged: accepted, fault: fault ?? faults.find((found) => found !== undefined) };
  },
});

function genuineOpening(token: string, deflate: boolean): string {
  const extensions = { name: 'Sec-WebSocket-Extensions', value: 'permessage-deflate' };
  return openingOf({
    ...genuineUpgrade,
    token,
    mutations: deflate ? [{ kind: 'add', ...extensions }] : [],
  });
}

function faultOf(sequence: FrameSequence, { received, ending }: Answered): string | undefined {
  const { leaving, deflate } = sequence;
  // A client that resets may miss anything.
  if (leaving === 'reset') return undefined;
  if (ending === 'none') return 'the server did not take leave';
  const { upgraded } = readAnswers(received, false);
  if (upgraded === undefined) return 'it was not let in';
  const fault = faultOfFrames(upgraded, { compressed: deflate });
  if (fault !== undefined || deflate) return fault;
  const expected = shown(consequenceOf(bytesOf(sequence), maxPayloadBytes));
  const seen = shown(heard(upgraded));
  return seen === expected ? undefined : `it heard ${seen}, not ${expected}`;
}

/** What a peer heard of what it sent. The pings of the server are its own business. */
function heard(upgraded: string): ReturnType<typeof consequenceOf> {
  const { frames } = readFrames(Buffer.from(upgraded, 'latin1'));
  const payloads = (...opcodes: readonly number[]) =>
    frames
      .filter(({ opcode }) => opcodes.includes(opcode))
      .map(({ payload }) => payload.toString('latin1'));
  const close = frames.find(({ opcode }) => opcode === 8)?.payload;
  return {
    messages: payloads(1, 2),
    pongs: payloads(10),
    closeCode: close && (close.length === 0 ? 1005 : close.readUInt16BE(0)),
  };
}

function shown({ messages, pongs, closeCode }: ReturnType<typeof consequenceOf>): string {
  const short = (texts: readonly string[]) =>
    texts.map((text) => (text.length > 40 ? `${text.length} bytes` : text));
  return JSON.stringify({ messages: short(messages), pongs: short(pongs), closeCode });
}
