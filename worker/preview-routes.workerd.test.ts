/** Trying settings over HTTP in the Workers runtime: over a service's seconds, nothing changed by it. */
import { applyD1Migrations, reset } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import type { Problem, ServiceSettingsItem } from "../domain/resource.ts";
import type { SettingsPreview } from "../domain/settings-preview.ts";

const bearer = (token: string | undefined): Record<string, string> => ({ Authorization: `Bearer ${token}` });
const [VIEWER, ADMIN, INGEST] = [bearer(env.VIEWER_TOKEN), bearer(env.ADMIN_TOKEN), bearer(env.INGEST_TOKEN)];

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

const ask = (path: string, init: RequestInit): Promise<Response> =>
  exports.default.fetch(`https://faultline${path}`, init);

async function send(service: string): Promise<void> {
  const body = JSON.stringify([{ service, endpoint: "/pay", latency_ms: 10, status_code: 200 }]);
  const headers = { ...INGEST, "Content-Type": "application/json" };
  expect((await ask("/v1/ingest", { method: "POST", headers, body })).status).toBe(200);
}

const preview = (service: string, patch: unknown, headers = ADMIN, query = ""): Promise<Response> =>
  ask(`/v1/services/${service}/settings/preview${query}`, { method: "POST", headers, body: JSON.stringify(patch) });

describe("POST /v1/services/:service/settings/preview", () => {
  test("refuses viewers, wrong settings, wrong days and services that nobody knows", async () => {
    expect((await preview("nobody", {}, VIEWER)).status).toBe(403);
    expect((await preview("nobody", {})).status).toBe(404);
    await send("known");
    const wrong = await preview("known", { sla_ms: 0 });
    expect(wrong.status).toBe(422);
    const { detail }: Problem = await wrong.json();
    expect(detail).toContain("sla_ms must be");
    expect((await preview("known", {}, ADMIN, "?days=31")).status).toBe(400);
  });

  test("answers for seconds and for minutes, changes nothing, and names what it cannot say", async () => {
    await send("tried");
    const patch = { exclude: { endpoints: ["/pay"] }, errors: ["4xx"] };
    const answer: SettingsPreview = await (await preview("tried", patch, ADMIN, "?days=3")).json();
    expect(answer.service).toBe("tried");
    // A new service closes nothing for 5 s; what seconds tell is tested at the object (settings-preview.test.ts).
    expect(answer.seconds).toBeNull();
    expect(answer.minutes).toMatchObject({ counts: { gained: 0, lost: 0, moved: 0, same: 0 }, compared: [] });
    expect(answer.notes.map((note) => note.split(":")[0])).toEqual(["errors", "exclude, endpoints", "minutes"]);
    const after = await ask("/v1/services/tried/settings", { headers: VIEWER });
    const { settings }: ServiceSettingsItem = await after.json();
    expect(settings.exclude.endpoints).toEqual([]);
  });
});
