/** Settings over HTTP in the Workers runtime: stored in D1, handed to the Fleet, in force in the services' objects. */
import { applyD1Migrations, evictDurableObject, reset } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Page, Problem, ServiceDetail, ServiceSettingsItem, SettingsVersion } from "../domain/resource.ts";
import type { SettingsDocument } from "../domain/settings-document.ts";
import { SETTINGS_BYTES_MAX } from "../domain/settings-file.ts";
import { defaultSettings } from "../domain/settings.ts";

const bearer = (token: string | undefined): Record<string, string> => ({ Authorization: `Bearer ${token}` });
const [VIEWER, ADMIN, INGEST] = [bearer(env.VIEWER_TOKEN), bearer(env.ADMIN_TOKEN), bearer(env.INGEST_TOKEN)];

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

function ask(path: string, init: RequestInit = { headers: VIEWER }): Promise<Response> {
  return exports.default.fetch(`https://faultline${path}`, init);
}

function put(document: SettingsDocument | string, headers: Record<string, string> = ADMIN): Promise<Response> {
  const body = typeof document === "string" ? document : JSON.stringify(document);
  return ask("/v1/settings", { method: "PUT", headers, body });
}

async function read<T>(path: string): Promise<T> {
  const answer = await ask(path);
  expect(answer.status).toBe(200);
  return answer.json();
}

const settingsOf = (service: string): Promise<ServiceSettingsItem> => read(`/v1/services/${service}/settings`);

let count = 0;
/** A name that no other test uses: this isolate remembers who was admitted. */
const newService = (): string => `service-${(count += 1)}`;

async function send(service: string): Promise<void> {
  const body = JSON.stringify([{ service, endpoint: "/pay", latency_ms: 10, status_code: 200 }]);
  const headers = { ...INGEST, "Content-Type": "application/json" };
  expect((await ask("/v1/ingest", { method: "POST", headers, body })).status).toBe(200);
}

/** Its object judges by this version; on a busy machine it may have begun with the defaults and hear of it a little later. */
function inForce(service: string, version: number): Promise<void> {
  const check = async (): Promise<void> => expect(await settingsOf(service)).toMatchObject({ version });
  return vi.waitFor(check, { timeout: 10_000 });
}

describe("PUT /v1/settings", () => {
  test("stores a version that GET gives back, with its ETag", async () => {
    expect(await read("/v1/settings")).toEqual({ version: 0, document: {}, changed_at: null, changed_by: null });
    const document = { services: [{ match: "checkout", sla_ms: 700 }] };
    const stored = await put(document);
    expect([stored.status, stored.headers.get("ETag")]).toEqual([200, '"1"']);
    const version: SettingsVersion = await stored.json();
    expect(version).toMatchObject({ version: 1, document, changed_by: "admin by token" });
    const answer = await ask("/v1/settings");
    expect(answer.headers.get("ETag")).toBe('"1"');
    expect(await answer.json()).toEqual(version);
  });

  test("keeps every version, and makes none of what is there already", async () => {
    for (const services_max of [1, 2, 2, 3]) await put({ services_max });
    const history = await read<Page<SettingsVersion>>("/v1/settings/history?limit=2");
    const rest = await read<Page<SettingsVersion>>(`/v1/settings/history?limit=2&cursor=${history.next}`);
    expect([...history.items, ...rest.items].map(({ version, document }) => [version, document])).toEqual([
      [3, { services_max: 3 }],
      [2, { services_max: 2 }],
      [1, { services_max: 1 }],
    ]);
    expect(rest.next).toBeNull();
    const { results } = await env.DB.prepare("SELECT actor, action, subject, detail FROM audit_log ORDER BY id").all();
    expect(results).toEqual(
      [1, 2, 3].map((version) => ({
        actor: "admin by token",
        action: "settings.stored",
        subject: "*",
        detail: JSON.stringify({ version }),
      })),
    );
  });

  test("of two changes made from the same version refuses the later one, and takes it once it knows the newest", async () => {
    const [first, late] = [{ services_max: 10 }, { services_max: 20 }];
    expect((await put(first, { ...ADMIN, "If-Match": '"0"' })).status).toBe(200);
    const refused = await put(late, { ...ADMIN, "If-Match": '"0"' });
    expect(refused.status).toBe(412);
    expect(await refused.json()).toMatchObject({ type: "urn:faultline:settings_changed", version: 1 });
    expect((await put(late, { ...ADMIN, "If-Match": '"1"' })).status).toBe(200);
    expect(await read("/v1/settings")).toMatchObject({ version: 2, document: late });
  });

  test("whose answer was lost may be sent again as it was", async () => {
    const headers = { ...ADMIN, "If-Match": '"0"' };
    for (const _ of [1, 2]) expect((await put({ services_max: 10 }, headers)).headers.get("ETag")).toBe('"1"');
  });

  test("names all that is wrong, and stores nothing", async () => {
    const answer = await put('{"defaults":{"sla_ms":0},"services":[{"match":"A"}]}');
    expect(answer.status).toBe(422);
    const problem: Problem & { problems: unknown } = await answer.json();
    expect(problem.type).toBe("urn:faultline:wrong_settings");
    expect(problem.detail).toContain("defaults.sla_ms must be null");
    expect(problem.problems).toEqual([
      expect.objectContaining({ path: "defaults.sla_ms" }),
      expect.objectContaining({ path: "services[0].match" }),
    ]);
    expect(await read("/v1/settings")).toMatchObject({ version: 0 });
  });

  test("refuses what is too large or from whom it may not be", async () => {
    expect((await put(" ".repeat(SETTINGS_BYTES_MAX + 1))).status).toBe(413);
    expect((await put({}, { ...ADMIN, "If-Match": "seven" })).status).toBe(400);
    expect((await put({}, VIEWER)).status).toBe(403);
    expect((await put({}, INGEST)).status).toBe(403);
    expect((await put({}, {})).status).toBe(401);
    expect((await ask("/v1/settings", { headers: INGEST })).status).toBe(403);
  });

  test("says so when the Fleet could not take it, and hands it on when it is sent again", async () => {
    const logged = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const service = newService();
    await send(service);
    const down = vi.spyOn(env.FLEET, "getByName").mockImplementation(() => {
      throw new Error("the fleet is down");
    });
    const { settingsRoutes } = await import("./settings-routes.ts");
    const body = JSON.stringify({ defaults: { sla_ms: 9 } });
    const send_again = (): Promise<Response> =>
      Promise.resolve(settingsRoutes.request("/settings", { method: "PUT", headers: ADMIN, body }, env));
    const failed = await send_again();
    expect(failed.status).toBe(503);
    expect(await failed.json()).toMatchObject({ type: "urn:faultline:fleet_unavailable", version: 1 });
    down.mockRestore();
    expect((await send_again()).status).toBe(200);
    await inForce(service, 1);
    expect(await settingsOf(service)).toMatchObject({ settings: { sla_ms: 9 } });
    logged.mockRestore();
  });
});

describe("a service", () => {
  test("that is new goes by what is stored, from its first event on", async () => {
    const service = newService();
    await put({ services: [{ match: "service-*", errors: [404] }] });
    await send(service);
    await inForce(service, 1);
    const settings = { ...defaultSettings(service), errors: [404] };
    expect(await settingsOf(service)).toEqual({ service, version: 1, settings });
  });

  test("that runs is told of a change, keeps it through an eviction, and has it in history", async () => {
    const service = newService();
    await send(service);
    await inForce(service, 0);
    expect(await settingsOf(service)).toEqual({ service, version: 0, settings: defaultSettings(service) });
    await put({ services: [{ match: service, sla_ms: 700, owner: "team shop" }] });
    await inForce(service, 1);
    await evictDurableObject(env.SERVICE_MONITOR.getByName(service));
    expect(await settingsOf(service)).toMatchObject({ version: 1, settings: { sla_ms: 700, owner: "team shop" } });
    expect(await read<ServiceDetail>(`/v1/services/${service}`)).toMatchObject({ sla_ms: 700, settings_version: 1 });
    const query = env.DB.prepare("SELECT detail FROM audit_log WHERE action = 'settings.in_force' AND subject = ?");
    const changed = { sla_ms: [500, 700], owner: [null, "team shop"] };
    const inHistory = async (): Promise<void> => {
      const row = await query.bind(service).first<{ detail: string }>();
      expect(row === null ? null : JSON.parse(row.detail)).toEqual({ version: 1, changed });
    };
    await vi.waitFor(inHistory, { timeout: 20_000 });
  }, 40_000);

  test("for which nothing changes keeps the version that it was told last", async () => {
    const [changed, same] = [newService(), newService()];
    for (const service of [changed, same]) {
      await send(service);
      await inForce(service, 0);
    }
    await put({ services: [{ match: changed, sla_ms: 700 }] });
    await inForce(changed, 1);
    expect(await settingsOf(same)).toMatchObject({ version: 0 });
  });

  test("that nobody knows has no settings", async () => {
    expect((await ask("/v1/services/nobody/settings")).status).toBe(404);
  });

  test("more than services_max is refused from the next event on", async () => {
    await send(newService());
    await put({ services_max: 1 });
    const body = JSON.stringify([{ service: newService(), endpoint: "/", latency_ms: 1, status_code: 200 }]);
    const headers = { ...INGEST, "Content-Type": "application/json" };
    const answer = await ask("/v1/ingest", { method: "POST", headers, body });
    expect(await answer.json()).toMatchObject({ accepted: 0, rejected: [{ reason: "too_many_services" }] });
  });
});
