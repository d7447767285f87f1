import { expect, test } from "vitest";
import { incidentsAlike } from "./incidents-alike.ts";
import { anIncident } from "./testing/incident.ts";

const incident = anIncident({});
const earlier = (day: number, metric_name: "error_rate" | "request_rate" = "error_rate") =>
  anIncident({ id: `checkout-${day}-${metric_name}`, metric_name, onset_at: `2026-11-${day}T10:04:12Z` });

test("alike are earlier ones on the same metric, newest first and at most five", () => {
  const known = [earlier(20), incident, earlier(25), earlier(22, "request_rate"), earlier(23), earlier(21)];
  expect(incidentsAlike(incident, known).map(({ id }) => id)).toEqual([
    "checkout-23-error_rate",
    "checkout-21-error_rate",
    "checkout-20-error_rate",
  ]);
  const many = Array.from({ length: 9 }, (_none, i) => earlier(10 + i));
  expect(incidentsAlike(incident, many).map(({ onset_at }) => onset_at.slice(8, 10))).toEqual([
    "18",
    "17",
    "16",
    "15",
    "14",
  ]);
});
