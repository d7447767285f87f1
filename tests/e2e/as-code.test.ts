/** `faultline plan`, `apply` and `export` against a running Faultline: what a file says holds, and what pages change comes back. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { run, type RunResult } from "../../cli/run.ts";
import type { Page, SettingsVersion } from "../../domain/resource.ts";
import type { SubscriptionItem } from "../../domain/subscription.ts";
import { FaultlineServer, TOKENS } from "./faultline-server.ts";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 });

const HOOK = "https://hooks.slack.com/services/T0/B0/very-secret";
const HOOK_URL = "https://hooks.example.org/in";
const WHSEC = `whsec_${"QUJD".repeat(8)}`;
const server = new FaultlineServer({ SUBSCRIPTION_KEY: "e2e-subscription-key-0123456789abcdef" });
beforeAll(() => server.start());
afterAll(() => server.stop());

function faultline(...args: readonly string[]): Promise<RunResult> {
  const names = { SLACK_URL: HOOK, HOOK_KEY: WHSEC, HOOK_AUTH: "Bearer very-secret", SUBSCRIPTION_HOOK_URL: HOOK_URL };
  const env = { ...process.env, ADMIN_TOKEN: TOKENS.ADMIN_TOKEN, FAULTLINE_URL: server.url, ...names };
  return run([process.execPath, "cli/faultline.mjs", ...args], { env });
}

const file = join(server.folder, "faultline.config.json");
const write = (document: object): void => writeFileSync(file, JSON.stringify(document));

async function admin<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { Authorization: `Bearer ${TOKENS.ADMIN_TOKEN}`, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

const shop = { name: "shop team", services: ["shop-*"], target: { type: "slack", url: { env: "SLACK_URL" } } };
const hook = {
  name: "hook",
  min_severity: "high",
  target: {
    type: "webhook",
    url: HOOK_URL,
    secrets: [{ env: "HOOK_KEY" }],
    headers: { Authorization: { env: "HOOK_AUTH" } },
  },
};
const night = {
  services: ["batch"],
  ends_at: new Date(Date.now() + 86_400_000 * 30).toISOString(),
  weekly: { days: [1, 2], from: "22:00", until: "06:00", zone: "Europe/Berlin" },
  comment: "nightly batch",
};

test("what a file says is planned, applied, exported and planned again without a difference", async () => {
  write({ defaults: { sla_ms: 300 }, subscriptions: [shop, hook], silences: [night] });
  const planned = await faultline("plan", file);
  expect(planned.output).toContain('+ subscription "hook"');
  expect(planned.output).toContain("    target.secrets: from HOOK_KEY");
  expect(planned.output).toContain('+ silence "nightly batch"');
  expect(planned.output).toContain("1 setting to change; 3 to create, 0 to change, 0 to delete; 0 stay as they are.");
  expect(planned.code).toBe(3);
  expect((await server.get<Page<SubscriptionItem>>("/v1/subscriptions")).items).toEqual([]);

  const applied = await faultline("apply", file, "--yes");
  expect(applied.output).toContain("1 setting changed; 3 created, 0 changed, 0 deleted");
  expect(applied.code).toBe(0);
  const { items } = await server.get<Page<SubscriptionItem>>("/v1/subscriptions");
  expect(items.map(({ name }) => name).toSorted()).toEqual(["hook", "shop team"]);
  expect(items.find(({ name }) => name === "hook")?.target.names).toEqual({
    "secrets.0": "HOOK_KEY",
    "headers.Authorization": "HOOK_AUTH",
  });
  expect((await server.get<SettingsVersion>("/v1/settings")).document).toEqual({ defaults: { sla_ms: 300 } });

  const again = await faultline("plan", file);
  expect(again.output).toBe(
    `${server.url}: no settings to change; 0 to create, 0 to change, 0 to delete; 3 stay as they are.\n`,
  );
  expect(again.code).toBe(0);

  const out = join(server.folder, "exported.json");
  const exported = await faultline("export", "--out", out);
  // The address of the second one stood in the file, so that it has a name only now.
  expect(exported.output).toContain("set HOOK_AUTH, HOOK_KEY, SLACK_URL, SUBSCRIPTION_HOOK_URL.");
  const text = readFileSync(out, "utf8");
  expect(text).not.toContain("very-secret");
  expect(text).not.toContain(WHSEC);
  const back = await faultline("plan", out);
  expect(back.output).toBe(again.output);
  expect(back.code).toBe(0);
  for (const { output } of [planned, applied, again, exported, back]) expect(output).not.toContain("very-secret");
});

test("a page's change is told from what to what, and taken back by the file", async () => {
  const { items } = await server.get<Page<SubscriptionItem>>("/v1/subscriptions");
  const { id } = items.find(({ name }) => name === "shop team")!;
  await admin("PUT", `/v1/subscriptions/${id}`, {
    min_severity: "critical",
    target: { type: "slack", url: `${HOOK}-other` },
  });
  const { output, code } = await faultline("plan", file);
  expect(code).toBe(3);
  expect(output).toContain('~ subscription "shop team"\n    min_severity: "critical" -> "medium"\n');
  expect(output).toContain("    target.url: changed, from SLACK_URL\n");
  expect(output).not.toContain("very-secret");
  expect((await faultline("apply", file, "--yes")).code).toBe(0);
  expect((await faultline("plan", file)).code).toBe(0);
});

test("a list is taken as a whole, and one that is left out is not touched", async () => {
  write({ subscriptions: [shop] });
  const { output } = await faultline("apply", file, "--yes");
  expect(output).toContain('- subscription "hook"\n');
  expect(output).toContain("0 created, 0 changed, 1 deleted; 1 stays as it is.");
  expect((await server.get<Page<object>>("/v1/silences")).items).toHaveLength(1);
  expect((await server.get<SettingsVersion>("/v1/settings")).version).toBe(1);
});

test("what only the server knows to be wrong is told in its words, and nothing is changed", async () => {
  const target = { type: "webhook", url: "http://192.168.0.1/in" };
  write({ subscriptions: [{ name: "inside", target }] });
  expect((await faultline("validate", file)).code).toBe(0);
  const { output, code } = await faultline("apply", file, "--yes");
  expect(code).toBe(1);
  expect(output).toContain("answered 422: subscriptions[0].target.url must begin with https://");
  expect((await server.get<Page<SubscriptionItem>>("/v1/subscriptions")).items.map(({ name }) => name)).toEqual([
    "shop team",
  ]);
});
