/** Silences over HTTP: stored, handed to the Fleet, ended by hand or by themselves, and each change in the audit log. */
import { applyD1Migrations, reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Page, Problem } from "../domain/resource.ts";
import type { SettingsProblem } from "../domain/settings-file.ts";
import type { Silence } from "../domain/silencing.ts";
import { ADMIN, ask, askWith, audits, INGEST, VIEWER, WITHOUT_FLEET } from "../tests/admin-api.ts";

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

const HOUR_MS = 3_600_000;
const at = (after_ms: number): string => new Date(Date.now() + after_ms).toISOString();
const ENDS_AT = at(HOUR_MS);
const wish = (change: object = {}) => ({ services: ["checkout*"], ends_at: ENDS_AT, comment: "a release", ...change });

async function created(change: object = {}): Promise<Silence> {
  const answer = await ask("POST", "/v1/silences", wish(change));
  expect(answer.status).toBe(201);
  const silence: Silence = await answer.json();
  expect(answer.headers.get("Location")).toBe(`/v1/silences/${silence.id}`);
  return silence;
}

async function list(): Promise<readonly Silence[]> {
  return (await (await ask("GET", "/v1/silences", undefined, VIEWER)).json<Page<Silence>>()).items;
}

const heldBy = async (service: string): Promise<readonly string[]> =>
  (await env.FLEET.getByName("fleet").audience(service)).silences.map(({ id }) => id);
const count = async (): Promise<unknown> => (await ask("GET", "/v1/silences/active", undefined, VIEWER)).json();

describe("POST /v1/silences", () => {
  test("begins at once, for whom it is, and the Fleet knows it", async () => {
    const silence = await created();
    expect(silence).toEqual({
      id: expect.stringMatching(/^sil_[0-9a-f]{16}$/),
      revision: 1,
      services: ["checkout*"],
      endpoint: null,
      severities: null,
      incident_id: null,
      starts_at: expect.any(String),
      ends_at: ENDS_AT,
      weekly: null,
      comment: "a release",
      created_at: expect.any(String),
      created_by: "admin by token",
    });
    expect(Date.parse(silence.created_at) - Date.parse(silence.starts_at)).toBeLessThan(1_000);
    expect(await list()).toEqual([silence]);
    expect(await heldBy("checkout-eu")).toEqual([silence.id]);
    expect(await heldBy("search")).toEqual([]);
    expect(await audits()).toEqual([
      {
        action: "silence.created",
        actor: "admin by token",
        subject: silence.id,
        detail: expect.objectContaining({ revision: 1, silence: expect.objectContaining({ comment: "a release" }) }),
      },
    ]);
  });

  test("keeps all that narrows it, with days in their order and times in one form", async () => {
    const weekly = { days: [7, 6, 6], from: "22:00", until: "06:00", zone: "Europe/Berlin" };
    const starts_at = "2031-01-01T01:00:00+01:00";
    const narrow = { endpoint: "/cart/*", severities: ["high", "medium"], weekly, starts_at };
    const silence = await created({ ...narrow, ends_at: "2031-02-01T00:00:00Z" });
    expect(silence).toMatchObject({
      endpoint: "/cart/*",
      severities: ["medium", "high"],
      weekly: { ...weekly, days: [6, 7] },
      starts_at: "2031-01-01T00:00:00.000Z",
      ends_at: "2031-02-01T00:00:00.000Z",
    });
  });

  test.each([
    [{}, "services", "is missing; it must be a list"],
    [wish({ ends_at: undefined }), "ends_at", "is missing; it must be an RFC 3339 time"],
    [wish({ ends_at: "tomorrow" }), "ends_at", "must be an RFC 3339 time"],
    [wish({ ends_at: "2031-02-30T00:00:00Z" }), "ends_at", "must be an RFC 3339 time"],
    [wish({ ends_at: "2020-01-01T00:00:00Z" }), "ends_at", "must be later than starts_at, and than now"],
    [wish({ starts_at: at(2 * HOUR_MS) }), "ends_at", "must be later than starts_at"],
    [wish({ ends_at: at(400 * 24 * HOUR_MS) }), "ends_at", "must be at most a year after starts_at"],
    [wish({ severities: [] }), "severities", "must be null or a list with one or more of"],
    [wish({ endpoint: "" }), "endpoint", "must be null or a pattern of an endpoint"],
    [wish({ incident_id: "nonsense" }), "incident_id", "must be null or the id of an incident"],
    [wish({ comment: "x".repeat(501) }), "comment", "must be why, at most 500 characters"],
    [
      wish({ weekly: { days: [8], from: "1:00", until: "25:00" } }),
      "weekly.days[0]",
      "must be a day of the week, from 1 (Monday) to 7 (Sunday)",
    ],
    [
      wish({ weekly: { days: [1], from: "01:00", until: "02:00", zone: "Europe/Atlantis" } }),
      "weekly.zone",
      "must be the IANA name of a time zone",
    ],
    [wish({ ever: true }), "ever", "is unknown: the members are services"],
  ])("refuses %j by %s", async (body, path, words) => {
    const answer = await ask("POST", "/v1/silences", body);
    expect(answer.status).toBe(422);
    const problem: Problem & { problems: SettingsProblem[] } = await answer.json();
    expect(problem.type).toBe("urn:faultline:wrong_silence");
    expect(problem.problems).toContainEqual({ path, message: expect.stringContaining(words) });
    expect(await list()).toEqual([]);
  });

  test("is for administrators, and read by viewers", async () => {
    expect((await ask("POST", "/v1/silences", wish(), VIEWER)).status).toBe(403);
    expect((await ask("POST", "/v1/silences", wish(), {})).status).toBe(401);
    for (const path of ["/v1/silences", "/v1/silences/active"])
      expect((await ask("GET", path, undefined, INGEST)).status).toBe(403);
    const { id } = await created();
    expect((await ask("DELETE", `/v1/silences/${id}`, undefined, VIEWER)).status).toBe(403);
    expect((await ask("PUT", `/v1/silences/${id}`, wish(), VIEWER)).status).toBe(403);
  });

  test("is stored without the Fleet, and is one silence once the same is sent again", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    expect((await askWith(WITHOUT_FLEET, "POST", "/v1/silences", wish())).status).toBe(503);
    expect(await heldBy("checkout")).toEqual([]);
    const { id } = await created();
    expect(await heldBy("checkout")).toEqual([id]);
    expect(await list()).toHaveLength(1);
    warned.mockRestore();
  });

  describe("under an Idempotency-Key", () => {
    const UNDER = { ...ADMIN, "Idempotency-Key": "draft 1" };
    const send = (change: object = {}, headers = UNDER) => ask("POST", "/v1/silences", wish(change), headers);

    test("is one silence however often it is sent, and is as it was sent last", async () => {
      const first = await (await send()).json<Silence>();
      const again = await send();
      expect(again.status).toBe(201);
      expect(again.headers.get("Location")).toBe(`/v1/silences/${first.id}`);
      expect(await again.json()).toEqual(first);
      expect(await audits()).toHaveLength(1);
      // Whoever asks for an hour from now asks for another end each time.
      const later = await (await send({ ends_at: at(2 * HOUR_MS) })).json<Silence>();
      expect(later).toMatchObject({ id: first.id, starts_at: first.starts_at, revision: 2 });
      expect(await list()).toEqual([later]);
    });

    test("is one silence where the Fleet did not answer at first", async () => {
      const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
      const failed = await askWith(WITHOUT_FLEET, "POST", "/v1/silences", wish(), UNDER);
      expect(failed.status).toBe(503);
      const { id, ends_at } = await (await send({ ends_at: at(2 * HOUR_MS) })).json<Silence>();
      expect(ends_at).not.toBe(ENDS_AT);
      expect((await list()).map((one) => one.id)).toEqual([id]);
      expect(await heldBy("checkout")).toEqual([id]);
      warned.mockRestore();
    });

    test("is not made anew once it was ended", async () => {
      const { id } = await (await send()).json<Silence>();
      await ask("DELETE", `/v1/silences/${id}`);
      const answer = await send();
      expect([answer.status, await answer.json()]).toMatchObject([409, { type: "urn:faultline:made_before", id }]);
      expect(await list()).toEqual([]);
    });

    test("is another under another key, a day later, or for a subscription", async () => {
      const { id } = await (await send()).json<Silence>();
      expect((await (await send({}, { ...UNDER, "Idempotency-Key": "draft 2" })).json<Silence>()).id).not.toBe(id);
      const target = { type: "slack", url: "https://hooks.slack.com/services/x" };
      expect((await ask("POST", "/v1/subscriptions", { name: "Shop", target }, UNDER)).status).toBe(201);
      await env.DB.prepare("UPDATE audience_keys SET at = ?")
        .bind(at(-25 * HOUR_MS))
        .run();
      await created({ comment: "any change" });
      expect(await env.DB.prepare("SELECT count(*) AS count FROM audience_keys").first()).toEqual({ count: 0 });
      expect((await (await send()).json<Silence>()).id).not.toBe(id);
    });

    test.each(["", "x".repeat(201), "ä"])("is refused by a key that is none: %j", async (key) => {
      const answer = await send({}, { ...UNDER, "Idempotency-Key": key });
      expect([answer.status, await answer.json()]).toMatchObject([400, { type: "urn:faultline:bad_header" }]);
      expect(await list()).toEqual([]);
    });
  });

  test("ends at a thousand", async () => {
    await created();
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
       INSERT INTO silences SELECT 'sil_' || i, 1, services, endpoint, severities, incident_id, starts_at, ends_at, weekly, comment,
         created_at, created_by, 1 FROM silences, n`,
    ).run();
    const answer = await ask("POST", "/v1/silences", wish({ comment: "one more" }));
    expect([answer.status, await answer.json()]).toMatchObject([409, { type: "urn:faultline:too_many_silences" }]);
  });
});

describe("a silence", () => {
  test("is changed, and the Fleet goes by the change", async () => {
    const { id, created_at, starts_at } = await created();
    const answer = await ask("PUT", `/v1/silences/${id}`, wish({ services: ["search"] }));
    expect(await answer.json()).toMatchObject({ id, revision: 2, services: ["search"], created_at, starts_at });
    expect(await heldBy("checkout")).toEqual([]);
    expect(await heldBy("search")).toEqual([id]);
    expect((await audits()).at(-1)).toMatchObject({
      action: "silence.changed",
      detail: { id, revision: 2, changed: { services: [["checkout*"], ["search"]] } },
    });
  });

  test("is changed from the revision that its ETag named, or not at all", async () => {
    const path = `/v1/silences/${(await created()).id}`;
    const from_first = { ...ADMIN, "If-Match": (await ask("GET", path)).headers.get("ETag") ?? "" };
    const changed = wish({ comment: "longer" });
    expect((await ask("PUT", path, changed, from_first)).status).toBe(200);
    const late = await ask("PUT", path, wish({ comment: "another" }), from_first);
    expect([late.status, await late.json()]).toMatchObject([
      412,
      { type: "urn:faultline:silence_changed", revision: 2 },
    ]);
    // Whoever sends the same again is not too late.
    expect((await ask("PUT", path, changed, from_first)).status).toBe(200);
    expect((await ask("PUT", path, wish(), { ...ADMIN, "If-Match": "one" })).status).toBe(400);
    expect(await list()).toMatchObject([{ revision: 2, comment: "longer" }]);
  });

  test("is ended now, by hand", async () => {
    const { id } = await created();
    const later = await created({ starts_at: at(HOUR_MS), ends_at: at(2 * HOUR_MS), comment: "later" });
    for (const one of [id, later.id]) expect((await ask("DELETE", `/v1/silences/${one}`)).status).toBe(204);
    expect(await list()).toEqual([]);
    expect(await heldBy("checkout")).toEqual([]);
    const rows = await env.DB.prepare("SELECT starts_at <= ends_at AS ordered FROM silences").all();
    expect(rows.results).toEqual([{ ordered: 1 }, { ordered: 1 }]);
    expect((await audits()).slice(-2).map(({ action, subject }) => [action, subject])).toEqual([
      ["silence.ended", id],
      ["silence.ended", later.id],
    ]);
    expect((await ask("DELETE", `/v1/silences/${id}`)).status).toBe(404);
    expect((await ask("PUT", `/v1/silences/${id}`, wish())).status).toBe(404);
    expect((await ask("GET", `/v1/silences/${id}`)).status).toBe(404);
  });

  test("that could not be ended for want of the Fleet is, once it is asked again", async () => {
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const { id } = await created();
    expect((await askWith(WITHOUT_FLEET, "DELETE", `/v1/silences/${id}`)).status).toBe(503);
    expect(await heldBy("checkout")).toEqual([id]);
    expect((await ask("DELETE", `/v1/silences/${id}`)).status).toBe(204);
    expect(await heldBy("checkout")).toEqual([]);
    warned.mockRestore();
  });

  test("that ended a week ago is forgotten with the next change", async () => {
    const { id } = await created();
    await env.DB.prepare("UPDATE silences SET ends_at = ? WHERE id = ?")
      .bind(at(-8 * 24 * HOUR_MS), id)
      .run();
    await created({ comment: "another" });
    const rows = await env.DB.prepare("SELECT comment FROM silences").all();
    expect(rows.results).toEqual([{ comment: "another" }]);
  });
});

describe("GET /v1/silences/active", () => {
  test("counts those that hold now, and those that wait for their time", async () => {
    expect(await count()).toEqual({ active: 0, waiting: 0 });
    const { id } = await created();
    await created({ starts_at: at(HOUR_MS), ends_at: at(2 * HOUR_MS), comment: "later" });
    expect(await count()).toEqual({ active: 1, waiting: 1 });
    await ask("DELETE", `/v1/silences/${id}`);
    expect(await count()).toEqual({ active: 0, waiting: 1 });
  });
});
