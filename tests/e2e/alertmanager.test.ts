/** Incidents as alerts of a real Alertmanager: they fire, grow worse, end and come back, and are read back over its API. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Incident } from "../../domain/incident.ts";
import type { Message, MessageItem } from "../../domain/notification.ts";
import { formatRfc3339 } from "../../domain/rfc3339.ts";
import { requestOf, verdictOf } from "../../domain/targets.ts";
import { aMessage, anIncident, anItem } from "../message-example.ts";
import { type GivenAlert, TestAlertmanager } from "./alertmanager.ts";

const alertmanager = new TestAlertmanager();

beforeAll(() => alertmanager.start());
afterAll(() => alertmanager.remove());

/** Alertmanager judges by the clock; each test has an incident of its own. */
let incident: Incident;
let number = 0;

beforeEach(() => {
  number += 1;
  const at = (ago_ms: number) => formatRfc3339(Date.now() - ago_ms);
  const id = `checkout-${number}-error_rate`;
  incident = anIncident({ id, onset_at: at(60_000), opened_at: at(50_000), updated_at: at(0) });
});

/** As a subscription sends it; what Alertmanager says of it is a verdict. */
async function tell(message: Message): Promise<void> {
  const target = { type: "alertmanager", url: alertmanager.url, headers: {} } as const;
  const { url, headers, body } = requestOf(message, target, null, Date.now())!;
  const answer = await fetch(url, { method: "POST", headers, body });
  expect(verdictOf(target, answer.status, answer.headers, await answer.text(), Date.now())).toEqual({
    ok: true,
    thread: null,
  });
}

function telling(change: MessageItem["change"], more: Partial<Incident> = {}): Message {
  return aMessage({ items: [anItem({ change, incident: { ...incident, ...more } })] });
}

async function firing(): Promise<GivenAlert[]> {
  return (await alertmanager.alerts()).filter(({ labels }) => labels["incident_id"] === incident.id);
}

const over = (): Partial<Incident> => ({
  status: "resolved",
  resolution: "recovered",
  resolved_at: formatRfc3339(Date.now()),
});

test("an incident fires with its labels, words and links, from its onset on", async () => {
  await tell(telling("opened"));
  expect(await firing()).toMatchObject([
    {
      labels: {
        alertname: "FaultlineIncident",
        service: "checkout",
        severity: "critical",
        metric: "error_rate",
        incident_id: incident.id,
      },
      annotations: {
        summary: expect.stringMatching(/^Critical incident of checkout: 31\.0 %/),
        cause: "The release of 2.4.0 may have brought it.",
        endpoint: "/cart/pay",
      },
      generatorURL: expect.stringContaining("/incidents/"),
      status: { state: "active" },
    },
  ]);
  const [alert] = await firing();
  expect(Date.parse(alert!.startsAt)).toBe(Date.parse(incident.onset_at));
  // It is told once: were it without an end, it would be over in five minutes.
  expect(Date.parse(alert!.endsAt) - Date.now()).toBeGreaterThan(6 * 86_400_000);
});

test("it is over once the incident is", async () => {
  await tell(telling("opened"));
  await tell(telling("resolved", over()));
  expect(await firing()).toEqual([]);
});

test("it fires under its new severity alone when it grows worse, and ends under that one", async () => {
  await tell(telling("opened", { severity: "medium" }));
  await tell(telling("escalated", { severity: "critical" }));
  expect((await firing()).map(({ labels }) => labels["severity"])).toEqual(["critical"]);
  await tell(telling("resolved", { severity: "critical", ...over() }));
  expect(await firing()).toEqual([]);
});

test("what grew worse without a word ends under the severity that it was told with", async () => {
  await tell(telling("opened", { severity: "medium" }));
  await tell(telling("resolved", { severity: "critical", ...over() }));
  expect(await firing()).toEqual([]);
});

test("it fires anew when the incident comes back", async () => {
  await tell(telling("opened"));
  await tell(telling("resolved", over()));
  await tell(telling("reopened", { reopened_count: 1 }));
  expect(await firing()).toMatchObject([{ labels: { severity: "critical" } }]);
});

test("the same message twice is the same alert, and new words take the place of the old", async () => {
  await tell(telling("opened"));
  await tell(telling("opened"));
  await tell(telling("narrated", { endpoint: "/cart" }));
  expect(await firing()).toMatchObject([{ annotations: { endpoint: "/cart" } }]);
});

describe("text of events", () => {
  test("comes back as it was told, whatever it is", async () => {
    const endpoint = '/a"b\\c{{d}}<e>&f😀 مرحبا @channel';
    await tell(telling("opened", { endpoint }));
    expect(await firing()).toMatchObject([{ annotations: { endpoint } }]);
  });
});

test("a test alert has a name of its own", async () => {
  await tell({ ...telling("opened"), kind: "test" });
  expect(await firing()).toMatchObject([{ labels: { alertname: "FaultlineTest" } }]);
});
