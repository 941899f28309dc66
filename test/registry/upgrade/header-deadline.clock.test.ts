import http from 'node:http';
import https from 'node:https';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { HeaderDeadline } from '../../../src/upgrade/header-deadline.ts';
import { Refusal, refusalBytes } from '../../../src/upgrade/refusal.ts';
import { pass, Wire } from '../support/wire.ts';

beforeEach(() => void vi.useFakeTimers());

afterEach(() => void vi.useRealTimers());

describe('the header deadline', () => {
  function watched(server = http.createServer()) {
    const deadline = new HeaderDeadline(server, 10_000);
    const connect = (): Wire => {
      const wire = new Wire();
      server.emit('connection', wire as never);
      return wire;
    };
    return { server, deadline, connect };
  }

  test('the header deadline answers 408 to each connection that sends no whole request in time', async () => {
    const { connect } = watched();
    const first = connect();
    await pass(4_000);
    const second = connect();

    await pass(5_999);
    expect(first.written).toBe('');
    await pass(1);
    expect(first.written).toBe(refusalBytes(new Refusal(408, 'The request headers took too long')));
    expect(first.destroyed).toBe(true);
    expect(second.written).toBe('');
    await pass(4_000);

    expect(second.written).toMatch(/^HTTP\/1.1 408 /);
    await pass(60_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('the header deadline spares a connection that sent a request, is gone, or was answered', async () => {
    const { server, deadline, connect } = watched();
    const [asked, upgraded, gone, served, answering] = [1, 2, 3, 4, 5].map(connect);
    server.emit('request', { socket: asked } as never, {} as never);
    deadline.headersComplete({ socket: upgraded } as never);
    gone?.destroy();
    Object.assign(served ?? {}, { bytesWritten: 5 });
    Object.assign(answering ?? {}, { _httpMessage: {} });

    await pass(20_000);

    for (const wire of [asked, upgraded, gone, served, answering]) expect(wire?.written).toBe('');
    expect(asked?.listenerCount('close')).toBe(upgraded?.listenerCount('close'));
    expect(vi.getTimerCount()).toBe(0);
  });

  test('the header deadline has one timer, and none when no connection is waited for', async () => {
    const { deadline, connect } = watched();
    const [first, second, third] = [1, 2, 3].map(connect);
    expect(vi.getTimerCount()).toBe(1);

    first?.destroy();
    await pass(0);
    deadline.headersComplete({ socket: second } as never);
    expect(vi.getTimerCount()).toBe(1);
    deadline.headersComplete({ socket: third } as never);

    expect(vi.getTimerCount()).toBe(0);
  });

  test('the header deadline still bounds the other connections when one has sent its headers', async () => {
    const { deadline, connect } = watched();
    const [first, second] = [1, 2].map(connect);
    deadline.headersComplete({ socket: first } as never);

    await pass(10_000);

    expect(first?.written).toBe('');
    expect(second?.written).toMatch(/^HTTP\/1.1 408 /);
  });

  test('the header deadline leaves no listener, and has one for errors while an answer is under way', async () => {
    const { deadline, connect } = watched();
    const plain = new Wire();
    http.createServer().emit('connection', plain as never);
    const listeners = (wire: Wire) => [wire.listenerCount('close'), wire.listenerCount('error')];
    const [asked, mute] = [connect(), connect()];
    mute.closes = false;
    const errorsBefore = mute.listenerCount('error');

    deadline.headersComplete({ socket: asked } as never);
    expect(listeners(asked)).toEqual(listeners(plain));
    await pass(10_000);
    expect(mute.listenerCount('error')).toBe(errorsBefore + 1);
    await pass(3_000);

    expect(mute.listenerCount('error')).toBe(errorsBefore);
  });

  test('the header deadline answers a connection that nothing was written to', async () => {
    const { connect } = watched();
    const wire = connect();
    Object.assign(wire, { bytesWritten: 0, _httpMessage: null });

    await pass(10_000);

    expect(wire.written).toMatch(/^HTTP\/1.1 408 /);
  });

  test('a stopped header deadline bounds no connection', async () => {
    const { server, deadline, connect } = watched();
    const wire = connect();

    deadline.stop();
    connect();
    await pass(20_000);

    expect(wire.written).toBe('');
    expect(vi.getTimerCount()).toBe(0);
    expect(server.listenerCount('request')).toBe(0);
  });

  test('the header deadline over TLS begins with the encrypted socket', async () => {
    const server = https.createServer();
    watched(server);
    const wire = new Wire();
    server.emit('secureConnection', wire as never);

    await pass(10_000);

    expect(wire.written).toMatch(/^HTTP\/1.1 408 /);
  });
});
