import { expect, test } from "vitest";
import { calmEndpoints } from "./incident-calm-endpoints.ts";
import { anIncident } from "./testing/incident.ts";
import type { EndpointItem } from "../../../domain/resource.ts";

const item = (endpoint: string, wanted: Partial<EndpointItem> = {}): EndpointItem => ({
  endpoint,
  request_rate: 10,
  error_rate: 0.006,
  avg_latency_ms: 100,
  baseline_error_rate: 0.005,
  baseline_avg_latency_ms: 95,
  excess_share: 0,
  ...wanted,
});
const driver = item("/cart/pay", { error_rate: 0.6, excess_share: 0.92 });
const names = (items: readonly EndpointItem[], incident = anIncident({})) =>
  calmEndpoints(items, incident).map(({ endpoint }) => endpoint);

test("an endpoint that carries none of the excess is told with what is typical of it, by name", () => {
  expect(calmEndpoints([driver, item("/cart/items", { request_rate: 20 }), item("/cart")], anIncident({}))).toEqual([
    { endpoint: "/cart", figure: "errors", value: 0.006, typical: 0.005 },
    { endpoint: "/cart/items", figure: "errors", value: 0.006, typical: 0.005 },
  ]);
});

test("of an incident of latency it is told by its average, of which alone it is known what is typical", () => {
  const slow = anIncident({ metric_name: "avg_latency_ms", anomaly_type: "latency" });
  expect(calmEndpoints([driver, item("/cart")], slow)).toEqual([
    { endpoint: "/cart", figure: "latency", value: 100, typical: 95 },
  ]);
});

test("an endpoint that carries more of it than chance gives is affected", () => {
  expect(names([driver, item("/cart", { excess_share: 0.01 })])).toEqual(["/cart"]);
  expect(names([driver, item("/cart", { excess_share: 0.06 })])).toEqual([]);
});

test("an endpoint that is slow, or fails more than it does as a rule, is affected whatever its share says", () => {
  expect(names([driver, item("/cart", { avg_latency_ms: 130 })])).toEqual([]);
  expect(names([driver, item("/cart", { error_rate: 0.03 })])).toEqual([]);
});

test("the fewer its requests, the further chance alone may lead it", () => {
  const failing = { error_rate: 0.05, baseline_error_rate: 0.02 };
  expect(names([driver, item("/cart", { ...failing, request_rate: 1 })])).toEqual(["/cart"]);
  expect(names([driver, item("/cart", { ...failing, request_rate: 100 })])).toEqual([]);
  const slow = { avg_latency_ms: 130, baseline_avg_latency_ms: 95 };
  expect(names([driver, item("/cart", { ...slow, request_rate: 1 })])).toEqual(["/cart"]);
});

test("nothing is told of an endpoint without requests, or of which nothing is known to be typical", () => {
  const unknown = [
    item("/silent", { request_rate: 0 }),
    item("/new", { baseline_error_rate: null }),
    item("/new-too", { baseline_avg_latency_ms: null }),
  ];
  expect(names([driver, ...unknown])).toEqual([]);
});

test("nothing is told where no excess has an endpoint: of what is over, and of fewer requests", () => {
  expect(calmEndpoints(null, anIncident({}))).toEqual([]);
  expect(names([item("/cart", { excess_share: null })])).toEqual([]);
  expect(names([driver, item("/cart")], anIncident({ metric_name: "request_rate", anomaly_type: "traffic" }))).toEqual(
    [],
  );
});

test("of more than six the busiest are told", () => {
  const nine = Array.from({ length: 9 }, (_none, index) => item(`/${index}`, { request_rate: 10 + index }));
  expect(names([driver, ...nine])).toEqual(["/3", "/4", "/5", "/6", "/7", "/8"]);
});
