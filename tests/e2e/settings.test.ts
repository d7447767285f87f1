/** `faultline settings` against a running Faultline: applied, shown, in force in a service, kept over a kill. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { run, type RunResult } from "../../cli/run.ts";
import type { ServiceSettingsItem } from "../../domain/resource.ts";
import { FaultlineServer, TOKENS } from "./faultline-server.ts";
import { until } from "./process-group.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const server = new FaultlineServer();
beforeAll(() => server.start());
afterAll(() => server.stop());

function settings(...args: readonly string[]): Promise<RunResult> {
  const env = { ...process.env, ADMIN_TOKEN: TOKENS.ADMIN_TOKEN, FAULTLINE_URL: server.url };
  return run([process.execPath, "cli/faultline.mjs", "settings", ...args], { env });
}

function fileWith(document: unknown): string {
  const file = join(server.folder, "faultline.config.json");
  writeFileSync(file, JSON.stringify(document));
  return file;
}

async function send(service: string): Promise<void> {
  const response = await fetch(`${server.url}/v1/ingest`, {
    method: "POST",
    headers: { Authorization: `Bearer ${TOKENS.INGEST_TOKEN}`, "Content-Type": "application/json" },
    body: JSON.stringify([{ service, endpoint: "/pay", latency_ms: 10, status_code: 200 }]),
  });
  expect(response.status).toBe(200);
}

function inForce(service: string, sla_ms: number): Promise<number | null> {
  return until(`${service} at ${sla_ms} ms`, 20_000, async () => {
    const item = await server.get<ServiceSettingsItem>(`/v1/services/${service}/settings`);
    return item.settings.sla_ms === sla_ms ? item.version : undefined;
  });
}

test("a file that is applied is in force for services that run and for new ones, and after a kill", async () => {
  await send("shop-a");
  const file = fileWith({ services: [{ match: "shop-*", sla_ms: 70 }] });
  expect(await settings("apply", file)).toEqual({
    code: 0,
    output: `${file} is in force at ${server.url} as version 1.\n`,
  });
  expect(await inForce("shop-a", 70)).toBe(1);
  await send("shop-b");
  expect(await inForce("shop-b", 70)).toBe(1);

  const shown = await settings("show", "shop-a");
  expect(JSON.parse(shown.output)).toMatchObject({ service: "shop-a", version: 1, settings: { sla_ms: 70 } });
  await server.kill();
  await server.start();
  expect(await inForce("shop-a", 70)).toBe(1);

  const stale = await settings("apply", fileWith({ defaults: { sla_ms: 90 } }), "--if-version", "0");
  expect(stale.code).toBe(1);
  expect(stale.output).toContain("the newest version is 1");
  expect((await settings("apply", fileWith({ defaults: { sla_ms: 90 } }), "--if-version", "1")).code).toBe(0);
  expect(await inForce("shop-b", 90)).toBe(2);
  expect(JSON.parse((await settings("show")).output)).toMatchObject({
    version: 2,
    document: { defaults: { sla_ms: 90 } },
  });
});
