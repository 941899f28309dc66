/** The managers of one registry that hold a slot, by object and by user, and the users that the current event touched. */
import type { WebSocketConnection, WebSocketManager } from '../../../../src/index.ts';
import type { Line } from './ground-truth.ts';
import type { ManagerRecord } from './records.ts';

const noRecords: ReadonlySet<ManagerRecord> = new Set();

export class ManagerRecords {
  readonly live = new Map<WebSocketManager, ManagerRecord>();
  readonly touchedUsers = new Set<string>();
  readonly #byUser = new Map<string, Set<ManagerRecord>>();

  of(userId: string): ReadonlySet<ManagerRecord> {
    return this.#byUser.get(userId) ?? noRecords;
  }

  add(record: ManagerRecord): void {
    const { manager, userId } = record;
    this.live.set(manager, record);
    const ofUser = this.#byUser.get(userId) ?? new Set();
    this.#byUser.set(userId, ofUser.add(record));
  }

  delete(record: ManagerRecord): void {
    const { manager, userId } = record;
    this.live.delete(manager);
    const ofUser = this.#byUser.get(userId);
    ofUser?.delete(record);
    if (ofUser?.size === 0) this.#byUser.delete(userId);
  }

  touchEveryUser(): void {
    for (const userId of this.#byUser.keys()) this.touchedUsers.add(userId);
  }

  *touched(): Iterable<ManagerRecord> {
    for (const userId of this.touchedUsers) yield* this.of(userId);
  }

  lineOf(connection: WebSocketConnection): Line | undefined {
    const record = this.live.get(connection.manager);
    return [...(record?.lines ?? [])].find((line) => line.connection === connection);
  }

  /** The open lines whose other end is this tab. */
  linesTo(tab: string): Line[] {
    const lines = [...this.live.values()].flatMap((record) => [...record.lines]);
    return lines.filter((line) => line.tab === tab && !line.socket.destroyed);
  }
}
