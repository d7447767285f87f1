import { expect, test } from "vitest";
import { quietService, quietServices, quietSpan, touchSpan } from "./quiet-services.ts";
import type { WindowItem } from "../../../domain/resource.ts";

const rates = (...services: (readonly [string, number])[]) =>
  services.map(([service, request_rate]) => ({ service, request_rate }));
const began = (service: string, onset_at: string, resolved_at: string | null = null) => ({
  service,
  onset_at,
  resolved_at,
});
const OPEN = began("checkout", "2026-11-24T10:00:00Z");

test("the busiest without an incident in its time are shown, and the others counted", () => {
  const services = rates(["a", 1], ["b", 2], ["c", 3], ["d", 4], ["e", 5], ["f", 6], ["g", 7], ["checkout", 9]);
  expect(quietServices(services, [began("d", "2026-11-24T10:00:00Z")], OPEN)).toEqual({
    names: ["g", "f", "e", "c", "b", "a"],
    others: 0,
  });
  expect(quietServices(services, [], OPEN)).toEqual({ names: ["g", "f", "e", "d", "c", "b"], others: 1 });
});

test("those that are shown keep their place, and one that was touched makes room", () => {
  const services = rates(["a", 1], ["b", 2], ["c", 3]);
  expect(quietServices(services, [], OPEN, ["a", "b"]).names).toEqual(["a", "b", "c"]);
  expect(quietServices(services, [began("a", "2026-11-24T10:00:00Z")], OPEN, ["a", "b"]).names).toEqual(["b", "c"]);
});

test("of one that sends nothing nobody can say that it was not touched", () => {
  expect(quietServices(rates(["a", 0], ["b", 1]), [], OPEN).names).toEqual(["b"]);
});

test("an incident that began after its end touched it no more", () => {
  const over = { ...OPEN, resolved_at: "2026-11-24T10:10:00Z" };
  const incidents = [began("a", "2026-11-24T10:09:59Z"), began("b", "2026-11-24T10:10:01Z")];
  expect(quietServices(rates(["a", 1], ["b", 1]), incidents, over).names).toEqual(["b"]);
});

test("an incident that was over before its onset did not touch it", () => {
  const before = [
    began("a", "2026-11-24T09:40:00Z", "2026-11-24T09:59:59Z"),
    began("b", "2026-11-24T09:40:00Z", "2026-11-24T10:00:00Z"),
  ];
  expect(quietServices(rates(["a", 1], ["b", 1]), before, OPEN).names).toEqual(["a"]);
});

test("the hour ends with the incident, and with now while it is open", () => {
  const now = Date.parse("2026-11-24T10:06:14Z") / 1000;
  const iso = (at: number) => new Date(at * 1000).toISOString().slice(11, 16);
  const span = quietSpan(OPEN, now);
  expect([iso(span.from), iso(span.until)]).toEqual(["09:07", "10:07"]);
  const over = quietSpan({ resolved_at: "2026-11-23T04:20:30Z" }, now);
  expect([iso(over.from), iso(over.until)]).toEqual(["03:21", "04:21"]);
});

test("known must be what was wrong in that hour and since the onset, and what was told of it only later", () => {
  const at = (time: string) => Date.parse(`2026-11-24T${time}Z`) / 1000;
  const shown = { from: at("09:10:00"), until: at("10:10:00") };
  expect(touchSpan(OPEN, shown)).toEqual({ from: at("09:10:00"), until: Infinity });
  const over = { onset_at: "2026-11-24T08:00:00Z", resolved_at: "2026-11-24T10:09:30.5Z" };
  expect(touchSpan(over, shown)).toEqual({ from: at("08:00:00"), until: at("11:09:31") });
});

const minutes = (count: number, p95: (index: number) => number | null): WindowItem[] =>
  Array.from({ length: count }, (_, index) => {
    const window_start = new Date(Date.parse("2026-11-24T09:00:00Z") + index * 60_000).toISOString();
    return { window_start, p95_latency_ms: p95(index), baseline_p95_ms: 100, provisional: false } as WindowItem;
  });

test("its minutes are a line in their band, and its newest one is its figure", () => {
  const quiet = quietService(
    "gateway",
    minutes(20, (index) => (index === 19 ? null : 95 + (index % 3) * 5)),
  );
  expect(quiet).toMatchObject({ service: "gateway", p95_latency_ms: 95, normal: { low: 95, high: 105 } });
  expect(quiet?.samples).toHaveLength(20);
  expect(quiet?.samples[0]).toEqual({ at: Date.parse("2026-11-24T09:00:30Z") / 1000, value: 95 });
});

test("its band is that of the newest minute whose normal is known", () => {
  const windows = minutes(20, () => 100);
  const open = { ...windows[0]!, window_start: "2026-11-24T09:20:00Z", baseline_p95_ms: null };
  expect(quietService("gateway", [...windows, open])?.normal).toEqual({ low: 100, high: 100 });
});

test("what was wrong with it earlier in the hour does not widen its band", () => {
  const slow = minutes(40, (index) => (index >= 10 && index < 20 ? 900 : 95 + (index % 3) * 5));
  const wrong = [began("gateway", "2026-11-24T09:10:00Z", "2026-11-24T09:20:00Z")];
  expect(quietService("gateway", slow)?.normal?.high).toBe(900);
  expect(quietService("gateway", slow, wrong)?.normal).toEqual({ low: 95, high: 105 });
});

test("without a request in that hour there is nothing to show of it", () => {
  expect(
    quietService(
      "gateway",
      minutes(20, () => null),
    ),
  ).toBeNull();
  expect(quietService("gateway", [])).toBeNull();
});
