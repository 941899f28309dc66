/** Which connections of a manager count: those with an id, and those that lost it and are not gone yet. */
import { describe, expect, test } from 'vitest';
import type { WebSocketConnection } from '../../src/index.ts';
import { Roster } from '../../src/roster.ts';

const connectionOf = (id: string, state = 'open'): WebSocketConnection =>
  ({ id, state }) as WebSocketConnection;

describe.each([0, 1, 3])('a roster with %i others in it', (others) => {
  const filled = (): Roster => {
    const roster = new Roster();
    for (let other = 0; other < others; other += 1) roster.add(connectionOf(`other-${other}`));
    return roster;
  };

  test('finds a connection until it is removed, and it is removed once', () => {
    const roster = filled();
    const connection = connectionOf('a');
    roster.add(connection);
    expect(roster.size).toBe(others + 1);
    expect(roster.find('a')).toBe(connection);
    expect(roster.find('b')).toBeUndefined();
    expect(roster.snapshot().get('a')).toBe(connection);

    roster.remove(connection);
    roster.remove(connection);

    expect(roster.size).toBe(others);
    expect(roster.find('a')).toBeUndefined();
    expect(roster.all()).toHaveLength(others);
  });

  test('keeps a connection that lost its id until it is gone, beside its successor', () => {
    const roster = filled();
    const [earlier, later] = [connectionOf('a'), connectionOf('a')];
    roster.add(earlier);
    roster.replace(earlier);
    expect(roster.find('a')).toBeUndefined();
    roster.add(later);

    expect(roster.size).toBe(others + 2);
    expect(roster.all()).toContain(earlier);
    expect([...roster.named()]).not.toContain(earlier);
    expect(roster.snapshot().size).toBe(others + 1);
    roster.remove(earlier);

    expect(roster.find('a')).toBe(later);
    expect(roster.size).toBe(others + 1);
    roster.remove(later);
    expect(roster.size).toBe(others);
  });

  test('counts who is open, but for one', () => {
    const roster = filled();
    const connection = connectionOf('a');
    roster.add(connection);
    roster.add(connectionOf('b', 'closing'));

    expect(roster.countOpenBut(undefined)).toBe(others + 1);
    expect(roster.countOpenBut(connection)).toBe(others);
  });
});
