import { describe, expect, test } from "vitest";
import { aMessage, anIncident, anItem, overIncident, SENT_MS } from "../tests/message-example.ts";
import type { Message } from "./notification.ts";
import { requestOf } from "./targets.ts";
import type { AlertmanagerTarget } from "./target.ts";

const TARGET: AlertmanagerTarget = {
  type: "alertmanager",
  url: "https://am.example.org/prefix/",
  headers: { "X-Scope-OrgID": "1" },
};

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

function alertsOf(message: Message): Alert[] | null {
  const request = requestOf(message, TARGET, null, SENT_MS);
  return request === null ? null : (JSON.parse(request.body) as Alert[]);
}

const isFiring = ({ endsAt }: Alert) => Date.parse(endsAt) > SENT_MS;

test("an incident is one alert, known by labels that do not change", () => {
  const request = requestOf(aMessage(), TARGET, null, SENT_MS)!;
  expect(request.url).toBe("https://am.example.org/prefix/api/v2/alerts");
  expect(request.headers).toMatchObject({ "x-scope-orgid": "1", "content-type": "application/json" });
  expect(alertsOf(aMessage())).toEqual([
    {
      labels: {
        alertname: "FaultlineIncident",
        service: "checkout",
        severity: "critical",
        metric: "error_rate",
        incident_id: "checkout-1795514656-error_rate",
      },
      annotations: expect.objectContaining({
        summary: expect.stringMatching(/^Critical incident of checkout: 31\.0 %/),
        impact: "310 of 1,000 requests failed, about 306 more than normal.",
        endpoint: "/cart/pay",
        owner: "team-pay",
        runbook_url: "https://wiki.example.org/checkout",
      }),
      startsAt: "2026-11-24T10:04:12Z",
      endsAt: "2026-12-01T10:04:54Z",
      generatorURL: "https://faultline.example.org/incidents/checkout-1795514656-error_rate",
    },
  ]);
});

test("the endpoint that drives it may change: it tells no alert from another", () => {
  const other = aMessage({ items: [anItem({ incident: anIncident({ endpoint: "/cart" }) })] });
  expect(alertsOf(other)![0]!.labels).toEqual(alertsOf(aMessage())![0]!.labels);
});

test("one that grew worse fires under its new severity alone", () => {
  const alerts = alertsOf(aMessage({ items: [anItem({ change: "escalated" })] }))!;
  expect(alerts.map((alert) => [alert.labels["severity"], isFiring(alert)])).toEqual([
    ["medium", false],
    ["high", false],
    ["critical", true],
  ]);
});

test("one that is over ends when it was, under every severity that it may have had", () => {
  const alerts = alertsOf(aMessage({ items: [anItem({ change: "resolved", incident: overIncident() })] }))!;
  expect(alerts.filter(isFiring)).toEqual([]);
  expect(alerts.at(-1)).toMatchObject({ labels: { severity: "critical" }, endsAt: "2026-11-24T10:04:50Z" });
  expect(alerts.map(({ labels }) => labels["severity"])).toEqual(["medium", "high", "critical"]);
});

describe("event time that runs ahead of the clock", () => {
  test("leaves no alert firing that is over, and none that ends before it starts", () => {
    const incident = overIncident({ resolved_at: "2026-11-24T10:05:50Z" });
    const alerts = alertsOf(aMessage({ items: [anItem({ change: "resolved", incident })] }))!;
    expect(alerts.filter(isFiring)).toEqual([]);
    const ahead = overIncident({ onset_at: "2026-11-24T10:05:40Z", resolved_at: "2026-11-24T10:05:50Z" });
    for (const alert of alertsOf(aMessage({ items: [anItem({ change: "resolved", incident: ahead })] }))!) {
      expect(Date.parse(alert.endsAt)).toBeGreaterThanOrEqual(Date.parse(alert.startsAt));
    }
  });
});

test("a group is an alert for each incident, as many as there are", () => {
  const items = Array.from({ length: 50 }, (_, n) =>
    anItem({ incident: anIncident({ id: `checkout-${n}-error_rate` }) }),
  );
  const alerts = alertsOf(aMessage({ items }))!;
  expect(new Set(alerts.map(({ labels }) => labels["incident_id"])).size).toBe(50);
  expect(alerts.every(isFiring)).toBe(true);
});

test("a test ends by itself, under a name of its own", () => {
  expect(alertsOf(aMessage({ kind: "test" }))).toMatchObject([
    { labels: { alertname: "FaultlineTest" }, endsAt: "2026-11-24T10:09:54Z" },
  ]);
});

test.each(["acknowledged", "caught_up"] as const)("it has no word for %s", (kind) => {
  expect(alertsOf(aMessage({ kind }))).toBeNull();
});

test("a digest brings it up to date with what it names", () => {
  const over = anItem({ incident: overIncident({ id: "checkout-1-error_rate" }), change: "resolved" });
  const alerts = alertsOf(aMessage({ kind: "digest", items: [anItem(), over], more: 3 }))!;
  expect(alerts.filter(isFiring)).toHaveLength(1);
  expect(alertsOf(aMessage({ kind: "digest", items: [], more: 3 }))).toBeNull();
});
