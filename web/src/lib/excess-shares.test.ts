import { expect, test } from "vitest";
import { excessShares, liveShares } from "./excess-shares.ts";
import { FACTS } from "./testing/narrative.ts";
import type { EndpointItem } from "../../../domain/resource.ts";

const endpoint = (name: string, excess_share: number | null): EndpointItem => ({
  endpoint: name,
  request_rate: 1,
  error_rate: 0,
  avg_latency_ms: 1,
  baseline_error_rate: null,
  baseline_avg_latency_ms: null,
  excess_share,
});

test("the service's own word counts while the incident is open, largest first", () => {
  expect(excessShares([endpoint("/a", 0.08), endpoint("/b", 0.92)], [FACTS.pay])).toEqual([
    { endpoint: "/b", share: 0.92, drives: true },
    { endpoint: "/a", share: 0.08, drives: false },
  ]);
});

test("what a service does not tell of an endpoint is no share", () => {
  expect(liveShares([endpoint("/a", 0.08), endpoint("/b", null)])).toEqual([{ endpoint: "/a", share: 0.08 }]);
});

test("once it is over, or before the service tells, the evidence tells", () => {
  const told = [{ endpoint: "/cart/pay", share: 0.92, drives: true }];
  expect(excessShares(null, Object.values(FACTS))).toEqual(told);
  expect(excessShares([endpoint("/a", null)], Object.values(FACTS))).toEqual(told);
  expect(excessShares(null, [FACTS.errors])).toEqual([]);
});

test("shares of lost time do not stand beside shares of failures", () => {
  const carries = (name: string, share: number, actual: number, unit: "share" | "ms") => ({
    ...FACTS.pay,
    values: [
      { name: "share", value: share, unit: "share" as const },
      { name: "actual", value: actual, unit },
    ],
    names: [name],
  });
  const failing = [carries("/cart/pay", 0.9, 0.4, "share"), carries("/cart", 0.1, 0.1, "share")];
  expect(excessShares(null, [...failing, carries("/items", 0.26, 900, "ms")]).map((shown) => shown.endpoint)).toEqual([
    "/cart/pay",
    "/cart",
  ]);
});

test("no more than six are shown, and a share is never drawn beyond its track", () => {
  const many = Array.from({ length: 9 }, (_none, i) => endpoint(`/${i}`, i / 5));
  const shown = excessShares(many, []);
  expect(shown).toHaveLength(6);
  expect(shown[0]).toEqual({ endpoint: "/8", share: 1, drives: true });
});
