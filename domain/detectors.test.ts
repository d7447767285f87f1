import { expect, test } from "vitest";
import { DetectionStream } from "../tests/detection-stream.ts";

const START = 1_793_577_600;

test("what is shown as normal stays while a fault lasts that the plain rules do not see", () => {
  const service = new DetectionStream(START, { sla_ms: 1000 });
  service.run(3600, { name: "/pay", requests: 20, latency_ms: 100 });
  const before = service.detectors.normal;
  expect(before.p95_latency_ms).toBeCloseTo(100, -1);

  service.run(360, { name: "/pay", requests: 20, latency_ms: 250 });
  expect(service.tracker.incident?.status).toBe("open");
  expect(service.detectors.normal.p95_latency_ms).toBe(before.p95_latency_ms);
});

test("nothing is shown as normal before an hour's first minute is known", () => {
  const { normal } = new DetectionStream(START).run(5, { name: "/pay", requests: 20 }).detectors;
  expect(normal).toEqual({ request_rate: null, error_rate: null, p95_latency_ms: null });
});
