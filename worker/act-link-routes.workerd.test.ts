/** Links of messages over HTTP: looking changes nothing, one click does, twice is once, and nobody needs a session for it. */
import { applyD1Migrations, reset } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { LinkAct } from "../domain/act-link.ts";
import type { Incident } from "../domain/incident.ts";
import type { Page } from "../domain/resource.ts";
import type { Silence } from "../domain/silencing.ts";
import { actLinkMint } from "../durable-objects/act-links.ts";
import { ask, askWith, audits, WITHOUT_FLEET } from "../tests/admin-api.ts";
import { incidentRow } from "../tests/history-rows.ts";
import { app } from "./app.ts";
import type { Env } from "./env.ts";
import { d1History } from "./history.ts";

const HOUR_MS = 3_600_000;
const SUBSCRIPTION = "Shop & Co";
const ACTOR = `link of subscription ${SUBSCRIPTION}`;
const incident = incidentRow({ description: "<img src=x onerror=alert(1)> failed." });

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
  const event = [{ service: "checkout", endpoint: "/pay", latency_ms: 12, status_code: 200 }];
  const headers = { Authorization: "Bearer test-ingest-token", "Content-Type": "application/json" };
  // The Worker may remember the name of the test before, whose objects are gone: then it is refused for a moment.
  await vi.waitFor(async () => expect((await ask("POST", "/v1/ingest", event, headers)).status).toBe(200), {
    timeout: 15_000,
    interval: 250,
  });
  await d1History(env.DB).write([{ table: "incidents", row: incident }]);
}, 20_000);

async function link(act: LinkAct, minted_ms = Date.now(), key = env.SUBSCRIPTION_KEY!): Promise<string> {
  const subject = { service: "checkout", incident_id: incident.id, subscription: SUBSCRIPTION };
  return (await actLinkMint("https://faultline.example", key)(subject, minted_ms))![act];
}

const open = (url: string, method = "GET", change: Partial<Env> = {}): Promise<Response> =>
  Object.keys(change).length === 0
    ? exports.default.fetch(url, { method })
    : Promise.resolve(app.request(url, { method }, { ...env, ...change }));

async function silences(): Promise<readonly Silence[]> {
  return (await (await ask("GET", "/v1/silences")).json<Page<Silence>>()).items;
}

/** The incident as its object has it now: it says so to whoever asks for an act that changes nothing. */
async function stored(): Promise<Pick<Incident, "acknowledged_by" | "feedback" | "revision">> {
  const query = "SELECT acknowledged_by, feedback, revision FROM incidents WHERE id = ?";
  return (await env.DB.prepare(query).bind(incident.id).first<Incident>())!;
}

describe("a link that is looked at", () => {
  test.each(["acknowledge", "snooze", "false_positive"] as const)(
    "to %s changes nothing, whoever looks",
    async (act) => {
      const url = await link(act);
      for (const method of ["GET", "HEAD", "GET"]) expect((await open(url, method)).status).toBe(200);
      expect(await stored()).toEqual({ acknowledged_by: null, feedback: null, revision: 1 });
      expect(await silences()).toEqual([]);
      expect(await audits()).toEqual([]);
    },
  );

  test("is a small page with one button, no script, and nothing that leaves it", async () => {
    const answer = await open(await link("acknowledge"));
    const page = await answer.text();
    expect(page.match(/<button/g)).toHaveLength(1);
    expect(page).toContain('<form method="post">');
    expect(page).toContain(`href="https://faultline.example/incidents/${incident.id}"`);
    expect(page).not.toMatch(/<script|<img|<[^>]*\s(?:on\w+|src)=/i);
    expect(page).toContain("&lt;img src=x onerror=alert(1)&gt; failed.");
    const header = (name: string): string => answer.headers.get(name) ?? "";
    expect(header("Content-Type")).toBe("text/html; charset=utf-8");
    expect(header("Cache-Control")).toBe("no-store");
    expect(header("X-Frame-Options")).toBe("DENY");
    expect(header("Referrer-Policy")).toBe("no-referrer");
    expect(header("X-Robots-Tag")).toContain("noindex");
    const nonce = /<style nonce="([^"]+)">/.exec(page)![1]!;
    expect(header("Content-Security-Policy")).toBe(
      `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
    );
    expect((await (await open(await link("acknowledge"))).text()).includes(nonce)).toBe(false);
  });

  test("tells the time as people do, and parts no number from its unit", async () => {
    await d1History(env.DB).write([
      { table: "incidents", row: incidentRow({ description: "1.9 % failed for 2 min.", revision: 2 }) },
    ]);
    const page = await (await open(await link("acknowledge"))).text();
    const shown = incident.opened_at.replace("T", " ").replace(/(?:\.\d+)?Z$/, " UTC");
    expect(page).toContain(`<time datetime="${incident.opened_at}">${shown}</time>`);
    expect(page).toContain("1.9\u00a0% failed for 2\u00a0min.");
  });

  test("works without the history database, only without what is known of the incident", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const DB = { prepare: () => ({ bind: () => ({ first: () => Promise.reject(new Error("D1 is down")) }) }) };
    const answer = await open(await link("acknowledge"), "GET", { DB: DB as unknown as D1Database });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("<button");
    warned.mockRestore();
  });
});

describe("a click", () => {
  test("acknowledges, once, as the link of its subscription", async () => {
    const url = await link("acknowledge");
    for (const _ of [1, 2]) {
      const answer = await open(url, "POST");
      expect([answer.status, (await answer.text()).includes("Acknowledged.")]).toEqual([200, true]);
    }
    await vi.waitFor(async () => expect(await stored()).toMatchObject({ acknowledged_by: ACTOR, revision: 2 }), 10_000);
    await vi.waitFor(async () => expect(await audits()).toHaveLength(1), 10_000);
    expect(await audits()).toMatchObject([{ action: "incident.acknowledged", actor: ACTOR, subject: "checkout" }]);
  });

  test("says that it was a false positive, once", async () => {
    const url = await link("false_positive");
    for (const _ of [1, 2]) expect((await open(url, "POST")).status).toBe(200);
    await vi.waitFor(
      async () => expect(await stored()).toMatchObject({ feedback: "false_positive", revision: 2 }),
      10_000,
    );
    await vi.waitFor(async () => expect(await audits()).toHaveLength(1), 10_000);
    expect(await audits()).toMatchObject([{ action: "incident.feedback", actor: ACTOR }]);
  });

  test("snoozes this incident for an hour, once", async () => {
    const url = await link("snooze");
    for (const _ of [1, 2]) expect((await open(url, "POST")).status).toBe(200);
    const [silence, ...more] = await silences();
    expect(more).toEqual([]);
    expect(silence).toMatchObject({ incident_id: incident.id, services: ["checkout"], created_by: ACTOR });
    expect(Date.parse(silence!.ends_at) - Date.parse(silence!.starts_at)).toBe(HOUR_MS);
    const { silences: held } = await env.FLEET.getByName("fleet").audience("checkout");
    expect(held.map(({ id }) => id)).toEqual([silence!.id]);
    expect(await audits()).toMatchObject([{ action: "silence.created", actor: ACTOR, subject: silence!.id }]);
  });

  test("too many within a minute does nothing, says when it will, and takes nothing from anybody else", async () => {
    const fleet = env.FLEET.getByName("fleet");
    const clicked = { subscription: SUBSCRIPTION, incident_id: incident.id, act: "snooze" } as const;
    for (let click = 0; click < 10; click += 1) expect(await fleet.admitWrite(clicked)).toBe(0);
    const url = await link("snooze");
    const answer = await open(url, "POST");
    expect([answer.status, await answer.text()]).toEqual([429, expect.stringContaining("nothing was done")]);
    expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(await silences()).toEqual([]);
    expect((await open(url)).status).toBe(200);
    expect((await open(await link("acknowledge"), "POST")).status).toBe(200);
    expect(await fleet.admitWrite()).toBe(0);
  });

  test("on what is snoozed for less than an hour still makes it an hour from then on", async () => {
    const soon = {
      services: ["checkout"],
      incident_id: incident.id,
      ends_at: new Date(Date.now() + 300_000).toISOString(),
    };
    expect((await ask("POST", "/v1/silences", { ...soon, comment: "five minutes" })).status).toBe(201);
    const clicked_ms = Date.now();
    expect((await open(await link("snooze"), "POST")).status).toBe(200);
    const [silence, ...more] = await silences();
    expect([silence!.comment, more]).toEqual(["five minutes", []]);
    expect(Date.parse(silence!.ends_at)).toBeGreaterThanOrEqual(clicked_ms + HOUR_MS);
    expect((await audits()).map(({ action, actor }) => `${action} by ${actor}`)).toContain(
      `silence.changed by ${ACTOR}`,
    );
  });

  test("on what is over has nothing to do, but to say that it was a false positive", async () => {
    const over = {
      status: "resolved",
      resolution: "recovered",
      resolved_at: incident.updated_at,
      revision: 2,
    } as const;
    await d1History(env.DB).write([{ table: "incidents", row: incidentRow(over) }]);
    for (const act of ["acknowledge", "snooze"] as const) {
      const page = await (await open(await link(act))).text();
      expect([page.includes("It is over"), page.includes("<button")]).toEqual([true, false]);
      expect((await open(await link(act), "POST")).status).toBe(409);
    }
    expect(await silences()).toEqual([]);
    expect(await stored()).toMatchObject({ acknowledged_by: null });
    expect((await open(await link("false_positive"), "POST")).status).toBe(200);
    await vi.waitFor(async () => expect(await stored()).toMatchObject({ feedback: "false_positive" }), 10_000);
  });

  test("that cannot be heard says so, and may be made again", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const logged = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const url = await link("snooze");
    const without = await open(url, "POST", WITHOUT_FLEET);
    const page = await without.text();
    expect([without.status, page.includes("the Fleet does not answer"), page.includes("<button")]).toEqual([
      503,
      true,
      true,
    ]);
    expect((await open(url, "POST")).status).toBe(200);
    expect(await silences()).toHaveLength(1);
    expect((await env.FLEET.getByName("fleet").audience("checkout")).silences).toHaveLength(1);
    const broken = {
      getByName: () => ({ describe: () => Promise.resolve(null), act: () => Promise.reject(new Error("overloaded")) }),
    };
    const SERVICE_MONITOR = broken as unknown as Env["SERVICE_MONITOR"];
    expect((await open(await link("acknowledge"), "POST", { SERVICE_MONITOR })).status).toBe(503);
    warned.mockRestore();
    logged.mockRestore();
  });
});

describe("a link that is not good", () => {
  const nothingDone = async (): Promise<void> => {
    expect(await stored()).toEqual({ acknowledged_by: null, feedback: null, revision: 1 });
    expect(await audits()).toEqual([]);
  };

  test("after a day has expired", async () => {
    const url = await link("acknowledge", Date.now() - 25 * HOUR_MS);
    for (const method of ["GET", "POST"]) expect((await open(url, method)).status).toBe(410);
    const page = await (await open(url, "GET", { PUBLIC_URL: "https://faultline.example/" })).text();
    expect(page).toContain(`<a href="https://faultline.example/incidents/${incident.id}">`);
    // Where nobody said where the dashboard is, a path: whoever asks under another host's name gets no link that leads there.
    const request = new Request(url, {
      headers: { Host: "elsewhere.example", "X-Forwarded-Host": "elsewhere.example" },
    });
    const without = await (await app.request(request, {}, { ...env, PUBLIC_URL: "" })).text();
    expect(without).toContain(`<a href="/incidents/${incident.id}">`);
    expect(without).not.toContain("elsewhere");
    await nothingDone();
  });

  test("that was altered, is another incident's, or was made with another key is not valid", async () => {
    const url = await link("acknowledge");
    const [body, signature] = url.slice(url.lastIndexOf("/") + 1).split(".") as [string, string];
    const claim = JSON.parse(atob(body)) as object;
    const other = btoa(JSON.stringify({ ...claim, incident_id: "search-1-error_rate" })).replace(/=+$/, "");
    const bad = [
      url.slice(0, -3),
      `https://faultline.example/act/${other}.${signature}`,
      `https://faultline.example/act/nonsense`,
      await link("acknowledge", Date.now(), "another key of thirty-two characters or more"),
    ];
    for (const method of ["GET", "POST"]) {
      for (const one of bad) {
        const answer = await open(one, method);
        expect([answer.status, (await answer.text()).includes("<button")]).toEqual([403, false]);
      }
    }
    await nothingDone();
  });

  test("cannot be read without a key", async () => {
    const answer = await askWith({ SUBSCRIPTION_KEY: "" }, "GET", new URL(await link("snooze")).pathname);
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([503, "text/html; charset=utf-8"]);
  });
});
