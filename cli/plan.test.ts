import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { apply } from "./apply.ts";
import { exportConfig } from "./export.ts";
import { plan } from "./plan.ts";
import { run } from "./run.ts";

vi.setConfig({ testTimeout: 30_000 });

const SECRET = "https://hooks.slack.com/services/very-secret";

/** What the server answers by method and path, and what it was asked. */
const answers = new Map<string, readonly [status: number, body: unknown]>();
const asked: { readonly what: string; readonly headers: IncomingMessage["headers"]; readonly body: string }[] = [];
const server = createServer((request, response) => {
  void text(request).then((body) => {
    const what = `${request.method} ${request.url}`;
    asked.push({ what, headers: request.headers, body });
    const [status, answer] = answers.get(what) ?? [404, { detail: "no such thing." }];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
});
let folder = "";
let url = "";

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "faultline-plan-"));
  answers.clear();
  asked.length = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  answers.set("GET /v1/settings", [200, { version: 4, document: { defaults: { sla_ms: 500 } } }]);
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

function fileWith(document: unknown): string {
  const file = join(folder, "faultline.config.json");
  writeFileSync(file, JSON.stringify(document));
  return file;
}

function faultline(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const env = { ...process.env, ADMIN_TOKEN: "admin-token-00000", FAULTLINE_URL: url, ...more };
  return run([process.execPath, "cli/faultline.ts", ...args], { env });
}

const subscriptions = [{ name: "shop", target: { type: "slack", url: { env: "HOOK" } } }];
const created = { kind: "create", what: "subscription", name: "shop", fields: [] };

describe("faultline plan and apply", () => {
  test.each([
    [plan, ["a", "b"], "one FILE"],
    [apply, ["a", "b", "--yes"], "one FILE"],
    [apply, [], "give --yes"],
    [exportConfig, ["--force"], "--out"],
    [plan, ["--url", "localhost"], "--url"],
  ] as const)("%o given %j, is told with exit code 2 what is wrong", async (command, args, named) => {
    const refused = command(args).catch((error: unknown) => error);
    expect(await refused).toMatchObject({ exitCode: 2, message: expect.stringContaining(named) });
  });

  test("without a variable that a secret is named by, ask no server and name it", async () => {
    const file = fileWith({ subscriptions });
    for (const args of [
      ["plan", file],
      ["apply", file, "--yes"],
    ]) {
      const { code, output } = await faultline(args);
      expect(code).toBe(1);
      expect(output).toBe(`faultline: ${file}: subscriptions[0].target.url needs HOOK, which is not set.\n`);
    }
    expect(asked).toEqual([]);
  });

  test("plan asks for a dry run and ends with 3 while something is to do, with 0 when nothing is", async () => {
    answers.set("PUT /v1/subscriptions-as-code", [200, { dry_run: true, is_pending: false, changes: [created] }]);
    // Where an editor finds the schema is no setting.
    const file = fileWith({ $schema: "./faultline.schema.json", defaults: { sla_ms: 500 }, subscriptions });
    const { code, output } = await faultline(["plan", file], { HOOK: SECRET });
    expect(code).toBe(3);
    expect(output).toContain('+ subscription "shop"');
    expect(output).toContain(
      `${url}: no settings to change; 1 to create, 0 to change, 0 to delete; 0 stay as they are.`,
    );
    expect(output).not.toContain("very-secret");
    expect(JSON.parse(asked.at(-1)!.body)).toEqual({
      subscriptions: [{ name: "shop", target: { type: "slack", url: SECRET }, names: { url: "HOOK" } }],
      dry_run: true,
    });
    answers.set("PUT /v1/subscriptions-as-code", [
      200,
      { dry_run: true, is_pending: false, changes: [{ ...created, kind: "unchanged" }] },
    ]);
    expect((await faultline(["plan", file], { HOOK: SECRET })).code).toBe(0);
    const { output: json } = await faultline(["plan", file, "--json"], { HOOK: SECRET });
    expect(JSON.parse(json)).toEqual({
      settings: { version: 4, changes: [] },
      changes: [{ ...created, kind: "unchanged" }],
      is_pending: false,
    });
  });

  test("apply changes settings only as long as they are as they were read, then the rest", async () => {
    answers.set("PUT /v1/settings", [200, { version: 5, document: {} }]);
    answers.set("PUT /v1/subscriptions-as-code", [200, { dry_run: false, is_pending: false, changes: [created] }]);
    const file = fileWith({ defaults: { sla_ms: 300 }, subscriptions });
    const { code, output } = await faultline(["apply", file, "--yes"], { HOOK: SECRET });
    expect(code).toBe(0);
    expect(output).toContain("defaults.sla_ms: 500 -> 300");
    expect(output).toContain(`is as ${file} says: 1 setting changed; 1 created, 0 changed, 0 deleted`);
    expect(asked.map(({ what }) => what)).toEqual([
      "GET /v1/settings",
      "PUT /v1/subscriptions-as-code",
      "PUT /v1/settings",
      "PUT /v1/subscriptions-as-code",
    ]);
    expect(asked[2]!.headers["if-match"]).toBe('"4"');
    // What is for the one is nothing to the other.
    expect(JSON.parse(asked[2]!.body)).toEqual({ defaults: { sla_ms: 300 } });
    expect(asked.slice(1).map(({ body }) => body.includes('"dry_run":true'))).toEqual([true, false, false]);
  });

  test("touch nothing that the file leaves out, and write nothing where nothing is to do", async () => {
    answers.set("PUT /v1/subscriptions-as-code", [200, { dry_run: true, is_pending: false, changes: [] }]);
    const { code } = await faultline(["apply", fileWith({ silences: [] }), "--yes"]);
    expect(code).toBe(0);
    expect(asked.map(({ what, body }) => `${what} ${body}`)).toEqual([
      'PUT /v1/subscriptions-as-code {"silences":[],"dry_run":true}',
    ]);
    await faultline(["plan", fileWith({ defaults: {} })]);
    expect(asked.at(-1)!.what).toBe("GET /v1/settings");
  });

  test("apply sends what is stored already where it does not hold yet", async () => {
    const unchanged = { ...created, kind: "unchanged" };
    answers.set("PUT /v1/subscriptions-as-code", [200, { dry_run: true, is_pending: true, changes: [unchanged] }]);
    const file = fileWith({ subscriptions });
    expect((await faultline(["plan", file], { HOOK: SECRET })).code).toBe(3);
    expect((await faultline(["apply", file, "--yes"], { HOOK: SECRET })).code).toBe(0);
    expect(asked.map(({ body }) => body.includes('"dry_run":true'))).toEqual([true, true, false]);
  });

  test("refused by the server, end with 1 and its words", async () => {
    answers.set("PUT /v1/subscriptions-as-code", [503, { detail: "SUBSCRIPTION_KEY is not set." }]);
    const { code, output } = await faultline(["plan", fileWith({ silences: [] })]);
    expect(code).toBe(1);
    expect(output).toBe(`faultline: ${url} answered 503: SUBSCRIPTION_KEY is not set.\n`);
  });
});

describe("faultline export", () => {
  test("prints what is set as a file that plan takes, and names the variables that it needs", async () => {
    answers.set("GET /v1/subscriptions-as-code", [200, { subscriptions, silences: [] }]);
    const file = join(folder, "out.json");
    const { code, output } = await faultline(["export", "--out", file]);
    expect(code).toBe(0);
    expect(output).toBe("faultline: 1 subscription and 0 silences, and the settings. Before a plan, set HOOK.\n");
    const expected = { $schema: "./faultline.schema.json", defaults: { sla_ms: 500 }, subscriptions, silences: [] };
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(expected);
    expect((await faultline(["validate", file])).code).toBe(0);
    const again = await faultline(["export", "--out", file]);
    expect(again).toEqual({ code: 1, output: `faultline: ${file} is there already: --force writes over it.\n` });
    expect((await faultline(["export", "--out", file, "--force"])).code).toBe(0);
  });
});
