/** What whoever connects the first events is shown: the token, and what was wrong with those that came. */
import { applyD1Migrations, createExecutionContext, reset, waitOnExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeEach, describe, expect, test } from "vitest";
import type { Rejection } from "../domain/rejection.ts";
import type { Page } from "../domain/resource.ts";
import { app } from "./app.ts";

const ORIGIN = "https://faultline.example";

beforeEach(async () => {
  await reset();
  await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
});

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return exports.default.fetch(new Request(`${ORIGIN}${path}`, init));
}

const by = (token: string): RequestInit => ({ headers: { Authorization: `Bearer ${token}` } });

async function send(body: string, headers: Record<string, string> = {}): Promise<Response> {
  const request = new Request(`${ORIGIN}/v1/ingest`, {
    method: "POST",
    headers: { Authorization: "Bearer test-ingest-token", "Content-Type": "application/json", ...headers },
    body,
  });
  const context = createExecutionContext();
  const answer = await app.fetch(request, env, context);
  await waitOnExecutionContext(context);
  return answer;
}

async function rejections(): Promise<readonly Rejection[]> {
  return (await (await ask("/v1/rejections", by("test-viewer-token"))).json<Page<Rejection>>()).items;
}

describe("the ingest token", () => {
  test("is shown to an administrator, never kept by a cache, and each time stands in the audit log", async () => {
    for (let time = 1; time <= 2; time += 1) {
      const answer = await ask("/v1/ingest-token", { method: "POST", ...by("test-admin-token") });
      expect(await answer.json()).toEqual({ token: "test-ingest-token" });
      expect(answer.headers.get("Cache-Control")).toBe("no-store");
      const { results } = await env.DB.prepare("SELECT actor, action, subject, detail FROM audit_log").all();
      expect(results).toEqual(
        Array.from({ length: time }, () => ({
          actor: "admin by token",
          action: "ingest_token.shown",
          subject: "*",
          detail: "{}",
        })),
      );
    }
  });

  test("is shown to nobody else, and to no page of another origin", async () => {
    for (const token of ["test-viewer-token", "test-ingest-token"])
      expect((await ask("/v1/ingest-token", { method: "POST", ...by(token) })).status).toBe(403);
    expect((await ask("/v1/ingest-token", { method: "POST" })).status).toBe(401);
    expect((await ask("/v1/ingest-token", by("test-admin-token"))).status).toBe(404);

    const minted = await ask("/v1/session/codes", {
      method: "POST",
      ...by("test-admin-token"),
      body: JSON.stringify({ role: "admin" }),
    });
    const { code } = await minted.json<{ code: string }>();
    const signed_in = await ask("/v1/session", { method: "POST", body: JSON.stringify({ code }) });
    const Cookie = signed_in.headers.get("Set-Cookie")!.split(";")[0]!;
    const from = (Origin: string) => ask("/v1/ingest-token", { method: "POST", headers: { Cookie, Origin } });
    expect((await from("https://evil.example")).status).toBe(403);
    expect((await from(ORIGIN)).status).toBe(200);
  });

  test("is not shown where the log cannot be written", async () => {
    await env.DB.prepare("DROP TABLE audit_log").run();
    const answer = await ask("/v1/ingest-token", { method: "POST", ...by("test-admin-token") });
    expect(answer.status).toBe(503);
    expect(await answer.text()).not.toContain("test-ingest-token");
  });
});

describe("rejections", () => {
  test("tell of events that were refused, with their beginning", async () => {
    const event = { service: "checkout", endpoint: "/pay", latency_ms: -1, status_code: 200 };
    expect((await send(JSON.stringify([event]))).status).toBe(200);
    expect(await rejections()).toEqual([
      {
        at: expect.stringMatching(/Z$/),
        reason: "invalid_latency_ms",
        detail: "latency_ms must be a finite number from 0 to 3600000.",
        where: "plain HTTP",
        value: JSON.stringify(event),
      },
    ]);
  });

  test("tell of a whole request that was refused, but not of strangers'", async () => {
    await send("{", {});
    await send("[]", { "Content-Type": "text/plain" });
    await send("[]", { Authorization: "Bearer wrong" });
    expect((await rejections()).map(({ reason, where }) => [reason, where])).toEqual([
      ["unsupported_type", "request"],
      ["bad_body", "request"],
    ]);
  });

  test("are for those who are signed in", async () => {
    expect((await ask("/v1/rejections")).status).toBe(401);
    expect((await ask("/v1/rejections", by("test-ingest-token"))).status).toBe(403);
  });
});
