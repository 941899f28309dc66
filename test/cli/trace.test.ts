import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTraceFile } from '../../sim/cli/trace.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leaktight-trace-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('every record is one line of JSON, also when there are more than fit one write', () => {
  const path = join(folder, 'trace.jsonl');
  const records = Array.from({ length: 5_000 }, (_, event) => ({ event, text: 'é\n"' }));
  const trace = openTraceFile(path);
  for (const record of records) trace.write(record);
  const error = trace.close();

  const lines = readFileSync(path, 'utf8').split('\n');
  expect(error).toBeUndefined();
  expect(lines.pop()).toBe('');
  expect(lines.map((line) => JSON.parse(line))).toEqual(records);
});

test('a trace without records is an empty file', () => {
  const path = join(folder, 'trace.jsonl');
  openTraceFile(path).close();

  expect(readFileSync(path, 'utf8')).toBe('');
});

test('a trace that begins anew holds nothing of what was written before', () => {
  const path = join(folder, 'trace.jsonl');
  const trace = openTraceFile(path);
  for (let event = 0; event < 5_000; event += 1) trace.write({ event, text: 'void and long' });
  trace.restart();
  trace.write({ event: 1 });

  expect(trace.close()).toBeUndefined();
  expect(readFileSync(path, 'utf8')).toBe('{"event":1}\n');
});

test('a path that cannot be written throws at once', () => {
  expect(() => openTraceFile(join(folder, 'no', 'trace.jsonl'))).toThrow('ENOENT');
});

test('a record that cannot be written does not throw into the run and is reported at the end', () => {
  const circular: { self?: object } = {};
  circular.self = circular;
  const trace = openTraceFile(join(folder, 'trace.jsonl'));
  trace.write(circular);
  trace.write({ fine: true });

  expect(trace.close()?.message).toMatch(/circular/);
});

test.runIf(existsSync('/dev/full'))('a full disk is reported at the end', () => {
  const trace = openTraceFile('/dev/full');
  trace.write({ event: 1 });

  expect(trace.close()?.message).toMatch(/ENOSPC/);
});
