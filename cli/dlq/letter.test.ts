import { describe, expect, test } from "vitest";
import { isCut, letterTimeMs, readDeadRecord, receiptHeaders, serviceOf } from "./letter.ts";
import type { TopicRecord } from "./topic-reader.ts";

const HEADERS = {
  reason: "quarantined",
  detail: "",
  source: "eu",
  topic: "events",
  partition: "3",
  offset: "12345678901",
  timestamp: "1795514400000",
};

function record(headers: Readonly<Record<string, string>>, place: Partial<TopicRecord> = {}): TopicRecord {
  const value = Buffer.from('{"service":"checkout"}');
  return {
    partition: 0,
    offset: 7n,
    timestamp_ms: 1_795_514_460_000,
    key: Buffer.from("events/3/12345678901"),
    value,
    headers: new Map(Object.entries(headers)),
    ...place,
  };
}

function letterOf(headers: Readonly<Record<string, string>>, place: Partial<TopicRecord> = {}) {
  const dead = readDeadRecord(record(headers, place));
  if (dead.kind !== "letter") throw new Error(`it is ${dead.kind}`);
  return dead.letter;
}

describe("a dead letter", () => {
  test("is told by source, topic, partition, offset and the record's time: written again it is the same", () => {
    const id = "eu/events/3/12345678901/1795514400000";
    expect(letterOf(HEADERS).id).toBe(id);
    expect(letterOf(HEADERS, { partition: 1, offset: 99n, timestamp_ms: 5 }).id).toBe(id);
  });

  test.each(["source", "topic", "partition", "offset", "timestamp"])("of another %s is another one", (name) => {
    expect(letterOf({ ...HEADERS, [name]: "4" }).id).not.toBe(letterOf(HEADERS).id);
  });

  test("of a message that forged its offset is told by its own place, so that none hides another", () => {
    const forged = { ...HEADERS, offset: "-1", timestamp: "0" };
    expect(letterOf(forged, { offset: 1n }).id).not.toBe(letterOf(forged, { offset: 2n }).id);
    expect(letterTimeMs(letterOf(forged))).toBe(1_795_514_460_000);
  });

  test("without a value has no bytes, and names no service", () => {
    const letter = letterOf(HEADERS, { value: null });
    expect(letter.value).toHaveLength(0);
    expect(serviceOf(letter.value)).toBe(null);
    expect(isCut(letter)).toBe(false);
  });

  test("is settled by a receipt that names it, also where it has no offset", () => {
    for (const headers of [HEADERS, { ...HEADERS, offset: "-1" }]) {
      const letter = letterOf(headers);
      const receipt = Object.fromEntries(receiptHeaders(letter, "2026-11-24T10:00:00.000Z"));
      const read = readDeadRecord(record(receipt, { partition: 0, offset: 8n, value: null }));
      expect(read).toEqual({ kind: "receipt", id: letter.id });
    }
  });

  test.each(["source", "topic", "partition", "offset", "reason"])("has a %s: a record without one is none", (name) => {
    const { [name]: _, ...rest } = HEADERS as Record<string, string>;
    expect(readDeadRecord(record(rest))).toEqual({ kind: "foreign" });
  });

  test("has a number as its place", () => {
    expect(readDeadRecord(record({ ...HEADERS, partition: "three" }))).toEqual({ kind: "foreign" });
  });
});

test.each([
  ['{"service":"a","x":1}', "a"],
  ['{"service":7}', null],
  ["[1]", null],
  ["no JSON", null],
])("the value %j names the service %j", (value, service) => {
  expect(serviceOf(Buffer.from(value))).toBe(service);
});
