import { describe, expect, test } from "vitest";
import { aMessage, anIncident, anItem, overIncident } from "../tests/message-example.ts";
import { fitted, linksOfAll, messageView, ROOMS } from "./message-view.ts";

const ROOM = ROOMS[0]!;

describe("the view of a message of one incident", () => {
  test("has its sentence, impact, likely cause, trend, owner and links", () => {
    const view = messageView(aMessage(), ROOM);
    expect(view).toMatchObject({
      title: expect.stringMatching(/^Critical incident of checkout: 31\.0 %/),
      severity: "critical",
      is_critical: true,
      is_high: false,
      is_open: true,
      count: 1,
      more: 0,
      first: {
        endpoint: "/cart/pay",
        impact: "310 of 1,000 requests failed, about 306 more than normal.",
        cause: "The release of 2.4.0 may have brought it.",
        certainty: "LIKELY",
        action: "Roll back 2.4.0 if it fits.",
        began: "2026-11-24 10:04:12 UTC",
        sparkline: "▁·▄██",
        owner: "team-pay",
        url: "https://faultline.example.org/incidents/checkout-1795514656-error_rate",
        runbook: "https://wiki.example.org/checkout",
        traces: null,
      },
    });
    expect(view.text.split("\n")).toEqual([
      view.title,
      "Impact: 310 of 1,000 requests failed, about 306 more than normal.",
      "Began: 2026-11-24 10:04:12 UTC",
      "After the deploy of: 2.4.0",
      "Likely cause: The release of 2.4.0 may have brought it.",
      "Do first: Roll back 2.4.0 if it fits.",
      "Trend: error rate ▁·▄██ over 10 s, at most 31 %",
      "Owner: team-pay",
    ]);
    expect(linksOfAll(view).map(({ label }) => label)).toEqual([
      "Open the incident",
      "Acknowledge",
      "Snooze for 1 h",
      "False alarm",
      "Runbook",
    ]);
  });

  test("leaves out what is not known", () => {
    const incident = anIncident({ endpoint: null, anomalies: [], deployed_version: null });
    const links = { runbook: null, traces: null };
    const item = anItem({ incident, narrative: null, owner: null, spark: null, url: null, acts: null, links });
    const { first } = messageView(aMessage({ items: [item] }), ROOM);
    expect(first).toMatchObject({ endpoint: null, impact: null, cause: null, sparkline: null, links: [] });
    expect(first!.lines).toEqual(["Began: 2026-11-24 10:04:12 UTC"]);
  });

  test("recommends nothing once it is over", () => {
    const items = [anItem({ change: "resolved", incident: overIncident() })];
    const view = messageView(aMessage({ items }), ROOM);
    expect(view.is_open).toBe(false);
    expect(view.text).not.toContain("Do first");
  });
});

test("of several incidents it has each with its lines, and the page of each as a link", () => {
  const other = anItem({ incident: anIncident({ id: "search-1-error_rate", service: "search", severity: "medium" }) });
  const view = messageView(aMessage({ items: [anItem(), other], more: 3 }), ROOM);
  expect(view).toMatchObject({ count: 5, more: 3, severity: "critical" });
  expect(view.text.split("\n").filter((line) => !line.startsWith("  "))).toEqual([
    view.title,
    view.items[0]!.title,
    view.items[1]!.title,
    "and 3 more",
  ]);
  expect(linksOfAll(view).map(({ label }) => label)).toEqual(["Open checkout", "Open search"]);
});

test("its severity is that of the worst, wherever that stands", () => {
  const medium = anItem({ incident: anIncident({ severity: "medium" }) });
  expect(messageView(aMessage({ items: [medium, anItem()] }), ROOM).severity).toBe("critical");
  expect(messageView(aMessage({ items: [], more: 2 }), ROOM)).toMatchObject({ severity: "medium", first: null });
});

test("it is open as long as its group is", () => {
  const items = [anItem({ change: "resolved", incident: overIncident() })];
  expect(messageView(aMessage({ items, group_open: 1 }), ROOM).is_open).toBe(true);
});

describe("a link", () => {
  const urlOf = (url: string, link = 2_048) =>
    messageView(aMessage({ items: [anItem({ url })] }), { ...ROOM, link }).first!.url;

  test.each(["javascript:alert(1)", "data:text/html,x", "no url", ""])("%j is none", (url) => {
    expect(urlOf(url)).toBeNull();
  });

  test("is left out where it is too long to fit whole", () => {
    expect(urlOf("https://a.example.org/", 22)).toBe("https://a.example.org/");
    expect(urlOf("https://a.example.org/", 21)).toBeNull();
  });

  test("has nothing in it that could end it", () => {
    expect(urlOf('https://a.example.org/"<b>')).toBe("https://a.example.org/%22%3Cb%3E");
  });
});

describe("fitting", () => {
  const many = (count: number, text: string) =>
    aMessage({ items: Array.from({ length: count }, () => anItem({ incident: anIncident({ description: text }) })) });

  test("keeps all that there is room for", () => {
    expect(fitted(many(3, "short"), (view) => ({ body: JSON.stringify(view), items: view.items.length })).items).toBe(
      3,
    );
  });

  test("tells fewer incidents, and of how many more there are", () => {
    const made = fitted(many(40, "long ".repeat(150)), (view) => ({ body: JSON.stringify(view), view }));
    expect(made.view.items.length).toBeLessThan(20);
    expect(made.view.items.length + made.view.more).toBe(40);
  });

  test("throws where nothing that is told could be small enough", () => {
    expect(() => fitted(aMessage(), () => ({ body: "x".repeat(20_001) }))).toThrow("more than 20000 bytes");
  });
});
