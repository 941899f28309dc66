/** Reads what a server said to a visitor, byte for byte, and says where it is not well-formed. */

export interface Answer {
  readonly status: number;
  /** By lower-case name; a name that came twice is an array. */
  readonly headers: Readonly<Record<string, string | string[]>>;
}

export interface Conversation {
  readonly answers: readonly Answer[];
  /** Bytes after a 101, which are no HTTP any more. */
  readonly upgraded: string | undefined;
  readonly fault: string | undefined;
}

const head = /^HTTP\/1\.1 (\d{3}) [^\r\n]+\r\n((?:[\w-]+: [^\r\n]*\r\n)*)\r\n/;

/**
 * HTTP/1.1 answers until a 101 or the end (RFC 9112). Each must be complete, and as long as it says.
 *
 * @param toHead The request was a HEAD, whose answer says how long its body would be.
 */
export function readAnswers(received: string, toHead: boolean): Conversation {
  const answers: Answer[] = [];
  let rest = received;
  while (rest !== '') {
    const match = head.exec(rest);
    if (match === null) return { answers, upgraded: undefined, fault: `no answer: ${cut(rest)}` };
    const status = Number(match[1]);
    const headers = headersOf(match[2] ?? '');
    answers.push({ status, headers });
    rest = rest.slice(match[0].length);
    if (status === 101) return { answers, upgraded: rest, fault: undefined };
    if (status < 200 || (toHead && rest === '')) continue;
    const after = bodyEnd(rest, headers);
    if (after === undefined || after > rest.length) {
      return { answers, upgraded: undefined, fault: `the body of ${status} is cut off` };
    }
    rest = rest.slice(after);
  }
  return { answers, upgraded: undefined, fault: undefined };
}

function headersOf(lines: string): Answer['headers'] {
  const headers: Record<string, string | string[]> = {};
  for (const line of lines.split('\r\n').filter((line) => line !== '')) {
    const name = line.slice(0, line.indexOf(':')).toLowerCase();
    const value = line.slice(line.indexOf(':') + 2);
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}

/** Where the body ends; undefined if that cannot be said. What says nothing of its body ends with the connection. */
function bodyEnd(rest: string, headers: Answer['headers']): number | undefined {
  const length = headers['content-length'];
  if (length !== undefined) return /^\d+$/.test(String(length)) ? Number(length) : undefined;
  if (headers['transfer-encoding'] !== 'chunked') {
    return headers.connection === 'close' ? rest.length : undefined;
  }
  const last = '0\r\n\r\n';
  const end = rest.startsWith(last) ? 0 : rest.indexOf(`\r\n${last}`) + 2;
  return end === 1 ? undefined : end + last.length;
}

export function cut(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
