import { describe, expect, test } from "vitest";
import { toBase64 } from "../domain/base64.ts";
import type { Rejection } from "../domain/rejection.ts";
import { RejectionLog, rejectionsOf } from "./rejections.ts";

const NOW = Date.parse("2026-11-24T10:00:00Z");
const rejection = (n: number): Rejection => ({ at: "", reason: `r${n}`, detail: "", where: "", value: "" });

function rejected(value: Uint8Array) {
  const detail = "The event is not valid JSON; it must be one JSON object.";
  return { offset: 41, timestamp: NOW, reason: "invalid_json", detail, value: toBase64(value), bytes: value.length };
}

describe("what is told of rejections", () => {
  test("ten times at once, then each five seconds, the newest of those that waited", () => {
    const log = new RejectionLog();
    for (let n = 0; n < 10; n += 1) expect(log.add([rejection(n)], NOW)).toEqual([rejection(n)]);
    for (let n = 10; n < 40; n += 1) expect(log.add([rejection(n)], NOW + 4999)).toBeNull();
    const told = log.add([rejection(40)], NOW + 5000);
    expect(told?.map(({ reason }) => reason)).toEqual(Array.from({ length: 20 }, (_, at) => `r${at + 21}`));
    expect(log.add([rejection(41)], NOW + 5001)).toBeNull();
  });

  test("a quiet hour earns ten and not more", () => {
    const log = new RejectionLog();
    log.add([rejection(0)], NOW);
    const later = NOW + 3_600_000;
    for (let n = 0; n < 10; n += 1) expect(log.add([rejection(n)], later)).not.toBeNull();
    expect(log.add([rejection(10)], later)).toBeNull();
  });

  test("says where an event came from, and shows its beginning as text, whatever its bytes are", () => {
    const position = { source: "default", topic: "raw_events", partition: 3, first_offset: 40, last_offset: 50 };
    const [long] = rejectionsOf([rejected(new TextEncoder().encode("é".repeat(5000)))], position, NOW);
    expect(long).toEqual({
      at: "2026-11-24T10:00:00.000Z",
      reason: "invalid_json",
      detail: "The event is not valid JSON; it must be one JSON object.",
      where: "raw_events/3 @41",
      value: "é".repeat(200),
    });
    const [broken] = rejectionsOf([rejected(Uint8Array.of(0x7b, 0xff, 0x7d))], null, NOW);
    expect(broken).toMatchObject({ where: "plain HTTP", value: "{\ufffd}" });
  });

  test("is the newest twenty of a batch", () => {
    const batch = Array.from({ length: 50 }, (_, at) => ({ ...rejected(Uint8Array.of(0x7b)), offset: at }));
    const position = { source: "default", topic: "t", partition: 0, first_offset: 0, last_offset: 50 };
    expect(rejectionsOf(batch, position, NOW).map(({ where }) => where)).toEqual(
      Array.from({ length: 20 }, (_, at) => `t/0 @${at + 30}`),
    );
  });
});
