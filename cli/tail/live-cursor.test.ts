import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FleetSnapshot, FleetTick, IncidentEvent } from "../../domain/message.ts";
import { incidentOf } from "../../tests/fleet-harness.ts";
import { LiveCursor, type LiveMessage } from "./live-cursor.ts";

const tick: FleetTick = { type: "tick", at: 0, services: [] };

function snapshotAt(seq: number, reset = false): FleetSnapshot {
  return { type: "snapshot", version: 1, seq, reset, services: [], incidents: [] };
}

function eventAt(seq: number): IncidentEvent {
  return { type: "incident", seq, action: "updated", incident: incidentOf("shop", { severity: severityAt(seq) }) };
}

const severityAt = (seq: number) => (seq % 3 === 0 ? "high" : "medium");

/** The seqs that are told of what a connection brings. */
function told(cursor: LiveCursor, messages: readonly LiveMessage[]): number[] {
  cursor.connect();
  return messages.flatMap((message) => {
    const news = cursor.take(message);
    return news?.type === "event" ? [news.event.seq] : [];
  });
}

/** What a server with `newest` events sends to a client that holds `after`, if it wants only those of a severity. */
function greeting(newest: number, after: number | null, isWanted: (seq: number) => boolean): LiveMessage[] {
  const missed = after === null ? [] : seqs(after + 1, newest);
  return [snapshotAt(newest), ...missed.filter(isWanted).map(eventAt)];
}

const seqs = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);

describe("a cursor over connections that end anywhere", () => {
  const connection = fc.record({
    published: fc.nat({ max: 5 }),
    ticks: fc.boolean(),
    heard: fc.nat({ max: 12 }),
    before: fc.nat({ max: 4 }),
  });

  test.each([
    ["everything", () => true],
    ["one severity", (seq: number) => severityAt(seq) === "high"],
  ])("given %s is wanted, tells each event once and in order", (_, isWanted) => {
    let cut_in_greeting = 0;
    fc.assert(
      fc.property(fc.array(connection, { minLength: 1, maxLength: 20 }), (connections) => {
        const cursor = new LiveCursor(0);
        let newest = 0;
        const heard = connections.flatMap(({ before, published, ticks, heard: count }) => {
          newest += before;
          const greeted = greeting(newest, cursor.after, isWanted);
          const live = seqs(newest + 1, newest + published)
            .filter(isWanted)
            .map(eventAt);
          newest += published;
          if (count < greeted.length) cut_in_greeting += 1;
          return told(cursor, [...greeted, ...(ticks ? [tick] : []), ...live].slice(0, count));
        });
        const rest = told(cursor, greeting(newest, cursor.after, isWanted));
        expect([...heard, ...rest]).toEqual(seqs(1, newest).filter(isWanted));
      }),
    );
    expect(cut_in_greeting).toBeGreaterThan(100);
  });

  test("begins with what happens after its first snapshot, wherever that breaks off", () => {
    const cursor = new LiveCursor(null);
    expect(told(cursor, [])).toEqual([]);
    expect(cursor.after).toBe(null);
    expect(told(cursor, [snapshotAt(7)])).toEqual([]);
    expect(cursor.after).toBe(7);
    expect(told(cursor, [snapshotAt(9), eventAt(8)])).toEqual([8]);
    expect(cursor.after).toBe(8);
  });

  test("tells what comes twice once", () => {
    const cursor = new LiveCursor(0);
    expect(told(cursor, [snapshotAt(2), eventAt(1), eventAt(1), eventAt(2)])).toEqual([1, 2]);
    expect(told(cursor, [snapshotAt(2), eventAt(1), eventAt(2), eventAt(3)])).toEqual([3]);
  });

  test("counts what the filter kept back as heard once a tick shows that the missed ones are through", () => {
    const cursor = new LiveCursor(3);
    told(cursor, [snapshotAt(900)]);
    expect(cursor.after).toBe(3);
    told(cursor, [snapshotAt(900), tick]);
    expect(cursor.after).toBe(900);
  });

  test("given a server that counts anew, tells all that it has once", () => {
    const cursor = new LiveCursor(40);
    cursor.connect();
    expect(cursor.take(snapshotAt(2, true))).toMatchObject({ standing: "reset" });
    expect(told(cursor, [snapshotAt(2), eventAt(1)])).toEqual([1]);
    expect(told(cursor, [snapshotAt(3), eventAt(2), eventAt(3)])).toEqual([2, 3]);
  });

  test("given that what it knows is too old, tells so and what is kept", () => {
    const cursor = new LiveCursor(5);
    cursor.connect();
    expect(cursor.take(snapshotAt(90, true))).toMatchObject({ standing: "reset" });
    expect(told(cursor, [snapshotAt(90, true), eventAt(89), eventAt(90)])).toEqual([89, 90]);
    expect(cursor.take(snapshotAt(90))).toMatchObject({ standing: "resumed" });
  });
});

describe("the missed events of a connection", () => {
  const cursorAt = (after: number, ...messages: readonly LiveMessage[]): LiveCursor => {
    const cursor = new LiveCursor(after);
    told(cursor, messages);
    return cursor;
  };

  test("are through when the newest of the snapshot is, or a tick or an answer to a ping comes", () => {
    expect(cursorAt(4, snapshotAt(4)).isGreeted).toBe(true);
    expect(cursorAt(4, snapshotAt(6), eventAt(5)).isGreeted).toBe(false);
    expect(cursorAt(4, snapshotAt(6), eventAt(5), eventAt(6)).isGreeted).toBe(true);
    expect(cursorAt(4, snapshotAt(6), tick).isGreeted).toBe(true);
    const answered = cursorAt(4, snapshotAt(6));
    answered.pong();
    expect(answered.isGreeted).toBe(true);
    answered.connect();
    expect(answered.isGreeted).toBe(false);
  });
});
