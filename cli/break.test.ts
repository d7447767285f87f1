import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { DemoFault } from "../domain/demo.ts";
import { parseWish } from "./break.ts";
import { Failure } from "./failure.ts";
import { run } from "./run.ts";

vi.setConfig({ testTimeout: 60_000 });

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function refusalOf(positionals: readonly string[], values: Partial<Parameters<typeof parseWish>[1]>): Failure {
  try {
    parseWish(positionals, { down: false, ...values });
  } catch (error) {
    if (error instanceof Failure) return error;
  }
  throw new Error("expected a refusal");
}

describe("what is to break", () => {
  test.each([
    [{ errors: "30%" }, { kind: "errors", strength: 0.3 }],
    [{ errors: "0.07" }, { kind: "errors", strength: 0.07 }],
    [{ errors: "100%" }, { kind: "errors", strength: 1 }],
    [{ latency: "6x" }, { kind: "latency", strength: 6 }],
    [{ latency: "1.5" }, { kind: "latency", strength: 1.5 }],
    [{ traffic: "0" }, { kind: "traffic", strength: 0 }],
    [{ down: true }, { kind: "down", strength: 1 }],
  ])("%j", (values, wish) => {
    expect(parseWish(["checkout"], { down: false, ...values })).toEqual({
      service: "checkout",
      endpoint: null,
      for_s: 120,
      ...wish,
    });
  });

  test("may be one endpoint, for a time", () => {
    const values = { down: true, endpoint: "/cart/pay", for: "90s" };
    expect(parseWish(["checkout"], values)).toMatchObject({ endpoint: "/cart/pay", for_s: 90 });
    expect(parseWish(["checkout"], { ...values, for: "60m" }).for_s).toBe(3600);
  });

  test.each([
    [[], { down: true }, "SERVICE"],
    [["checkout", "search"], { down: true }, "SERVICE"],
    [["checkout"], {}, "--errors, --latency, --traffic, --down"],
    [["checkout"], { errors: "30%", down: true }, "one of --errors"],
    [["checkout"], { errors: "30" }, "--errors"],
    [["checkout"], { errors: "0%" }, "--errors"],
    [["checkout"], { errors: "3x" }, "--errors"],
    [["checkout"], { latency: "600%" }, "--latency"],
    [["checkout"], { latency: "1" }, "--latency"],
    [["checkout"], { traffic: "-1" }, "--traffic"],
    [["checkout"], { down: true, for: "2" }, "--for"],
    [["checkout"], { down: true, for: "4s" }, "--for"],
    [["checkout"], { down: true, for: "2h" }, "--for"],
  ])("given %j %j, is refused by name", (positionals, values, named) => {
    const refusal = refusalOf(positionals, values);
    expect(refusal.message).toContain(named);
    expect(refusal.message).not.toContain("\n");
    expect(refusal.exitCode).toBe(2);
  });
});

const FAULT: DemoFault = {
  id: "1",
  service: "checkout",
  endpoint: "/cart/pay",
  kind: "errors",
  strength: 0.3,
  for_s: 120,
  from: "2026-11-24T10:00:00.000Z",
  to: "2026-11-24T10:02:00.000Z",
};

/** A server that answers as told by method, and what it was asked. */
async function server(answers: Readonly<Record<string, readonly [status: number, body: object]>>) {
  const asked: string[] = [];
  const listening = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const { method = "", url, headers } = incoming;
      asked.push(`${method} ${url} ${headers.authorization} ${Buffer.concat(chunks).toString()}`.trimEnd());
      const [status, body] = answers[method] ?? [404, {}];
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  closers.push(() => {
    listening.closeAllConnections();
    listening.close();
  });
  const url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
  const env = { ...process.env, ADMIN_TOKEN: "admin-0123456789", FAULTLINE_URL: url };
  const faultline = (...args: readonly string[]) =>
    run([process.execPath, "cli/faultline.mjs", "break", ...args], { env });
  return { url, asked, faultline };
}

describe("faultline break", () => {
  test("posts the wish with the admin token, and says what is broken until when", async () => {
    const state = { on: true, faults: [FAULT], asked_at: "2026-11-24T09:59:59.900Z" };
    const { faultline, asked, url } = await server({ POST: [201, FAULT], GET: [200, state] });
    const { code, output } = await faultline("checkout", "--errors", "30%", "--endpoint", "/cart/pay", "--for", "2m");
    expect(output).toBe(
      `checkout /cart/pay: 30 % of its requests fail, until 10:02:00 UTC.\nMend it earlier with \`faultline break --end\`; watch it at ${url}/\n`,
    );
    expect(code).toBe(0);
    const wish = { service: "checkout", endpoint: "/cart/pay", kind: "errors", strength: 0.3, for_s: 120 };
    expect(asked[0]).toBe(`POST /v1/demo/faults Bearer admin-0123456789 ${JSON.stringify(wish)}`);
  });

  test("warns where no generator asks", async () => {
    const state = { on: true, faults: [FAULT], asked_at: null };
    const { faultline } = await server({ POST: [201, FAULT], GET: [200, state] });
    expect((await faultline("checkout", "--down")).output).toContain("No generator asks for faults");
  });

  test("says in one line why it is refused, with exit code 1", async () => {
    const problem = { type: "urn:faultline:demo_off", detail: "Demo mode is off here." };
    const { faultline, url } = await server({ POST: [403, problem] });
    expect(await faultline("checkout", "--down")).toEqual({
      code: 1,
      output: `faultline: ${url} answered 403: Demo mode is off here.\n`,
    });
  });

  test("takes a refused token for what it is", async () => {
    const { faultline } = await server({ POST: [403, { type: "urn:faultline:role_too_small", detail: "" }] });
    const { code, output } = await faultline("checkout", "--down");
    expect([code, output]).toEqual([1, expect.stringContaining("refuses the ADMIN_TOKEN")]);
  });

  test("lists and ends", async () => {
    const { faultline } = await server({
      GET: [200, { on: true, faults: [FAULT], asked_at: null }],
      DELETE: [200, { ended: 2 }],
    });
    expect((await faultline("--list")).output).toBe(
      "checkout /cart/pay: 30 % of its requests fail, until 10:02:00 UTC.\n",
    );
    expect((await faultline("--end")).output).toBe("Mended 2 faults.\n");
    expect((await faultline("--end", "checkout")).code).toBe(2);
  });

  test("--help lists the options", async () => {
    const { faultline } = await server({});
    const { code, output } = await faultline("--help");
    expect(code).toBe(0);
    for (const option of [
      "--errors",
      "--latency",
      "--traffic",
      "--down",
      "--endpoint",
      "--for",
      "--list",
      "--end",
      "--url",
    ])
      expect(output).toContain(`  ${option} `);
  });
});
