/** The history database: takes each write whole or not at all, and keeps of each natural key the newest revision. */
import type { History, HistoryRow } from "../domain/history.ts";
import { HistoryTable, naturalKey } from "../tests/monitor-harness.ts";
import type { Surroundings } from "./surroundings.ts";

export class HistoryPart {
  readonly table = new HistoryTable();
  readonly #surroundings: Surroundings;
  /** Of each key and revision its content. */
  readonly #contents = new Map<string, string>();
  /** The newest revision of each key that came in its turn, and the newest write of each service. */
  readonly #newest = new Map<string, number>();
  readonly #arrived = new Map<string, number>();
  #writes = 0;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** As one service's object reaches it. */
  of(service: string): History {
    return {
      write: (rows) => {
        this.#writes += 1;
        const number = this.#writes;
        return this.#surroundings.network.call({ part: "d1", late: true }, () => this.#take(service, number, rows));
      },
    };
  }

  async #take(service: string, number: number, rows: readonly HistoryRow[]): Promise<void> {
    this.#surroundings.trace(`d1 takes ${rows.length} rows of ${service}`);
    // A write that its sender gave up on may be overtaken by the next one.
    const isInTurn = number > (this.#arrived.get(service) ?? 0);
    if (isInTurn) this.#arrived.set(service, number);
    for (const row of rows) this.#check(row, isInTurn);
    await this.table.write(rows);
  }

  #check(row: HistoryRow, isInTurn: boolean): void {
    const { invariants } = this.#surroundings;
    const key = naturalKey(row);
    const { revision } = row.row;
    const [content, named] = [JSON.stringify(row.row), `${key} revision ${revision}`];
    const before = this.#contents.get(named);
    if (before === undefined) this.#contents.set(named, content);
    else invariants.equal("revision_grows", named, before, content);
    if (!isInTurn) return;
    const newest = this.#newest.get(key) ?? -Infinity;
    invariants.holds("outbox_drains_in_order", key, revision >= newest, `a revision from ${newest} on`, revision);
    this.#newest.set(key, revision);
  }
}
