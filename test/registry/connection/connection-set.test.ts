/** Which connections of a manager count: those with an id, and those that lost it and are not gone yet. */
import { describe, expect, test } from 'vitest';
import type { WebSocketConnection } from '../../../src/index.ts';
import { ConnectionSet } from '../../../src/socket/connection-set.ts';

const connectionOf = (id: string, state = 'open'): WebSocketConnection =>
  ({ id, state }) as WebSocketConnection;

describe.each([0, 1, 3])('a connection set with %i other connections', (others) => {
  const filled = (): ConnectionSet<WebSocketConnection> => {
    const connectionSet = new ConnectionSet<WebSocketConnection>();
    for (let other = 0; other < others; other += 1)
      connectionSet.add(connectionOf(`other-${other}`));
    return connectionSet;
  };

  test('a connection set finds a connection until it is removed, and removes it once', () => {
    const connectionSet = filled();
    const connection = connectionOf('a');
    connectionSet.add(connection);
    expect(connectionSet.size).toBe(others + 1);
    expect(connectionSet.find('a')).toBe(connection);
    expect(connectionSet.find('b')).toBeUndefined();
    expect(connectionSet.snapshot().get('a')).toBe(connection);

    connectionSet.remove(connection);
    connectionSet.remove(connection);

    expect(connectionSet.size).toBe(others);
    expect(connectionSet.find('a')).toBeUndefined();
    expect(connectionSet.all()).toHaveLength(others);
  });

  test('a connection set keeps a connection that lost its id until it is gone, beside its successor', () => {
    const connectionSet = filled();
    const [earlier, later] = [connectionOf('a'), connectionOf('a')];
    connectionSet.add(earlier);
    connectionSet.replace(earlier);
    expect(connectionSet.find('a')).toBeUndefined();
    connectionSet.add(later);

    expect(connectionSet.size).toBe(others + 2);
    expect(connectionSet.all()).toContain(earlier);
    expect([...connectionSet.named()]).not.toContain(earlier);
    expect(connectionSet.snapshot().size).toBe(others + 1);
    connectionSet.remove(earlier);

    expect(connectionSet.find('a')).toBe(later);
    expect(connectionSet.size).toBe(others + 1);
    connectionSet.remove(later);
    expect(connectionSet.size).toBe(others);
  });

  test('a connection set counts the open connections, but for one', () => {
    const connectionSet = filled();
    const connection = connectionOf('a');
    connectionSet.add(connection);
    connectionSet.add(connectionOf('b', 'closing'));

    expect(connectionSet.countOpenBut(undefined)).toBe(others + 1);
    expect(connectionSet.countOpenBut(connection)).toBe(others);
  });
});
