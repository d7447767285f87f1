import { createServer } from "node:net";
import { describe, expect, test, vi } from "vitest";
import { run } from "./run.ts";

vi.setConfig({ testTimeout: 30_000 });

const faultline = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  run([process.execPath, "cli/faultline.mjs", ...args], { env: { ...process.env, ...env } });

describe("faultline", () => {
  test("without a command, or with --help, lists the commands", async () => {
    for (const args of [[], ["--help"]]) {
      const { code, output } = await faultline(args);
      expect(code).toBe(0);
      expect(output).toMatch(/^ {2}link /m);
    }
  });

  test("tells its version", async () => {
    expect((await faultline(["--version"])).output).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test("given an unknown command, ends with exit code 2 and names those there are", async () => {
    expect(await faultline(["lnik"])).toEqual({
      code: 2,
      output:
        'faultline: there is no command "lnik". Known: link, tail, replay, validate, dlq, map, break, settings, plan, apply, export.\n',
    });
  });
});

describe("faultline link", () => {
  test.each([
    [["--role", "owner"], "--role"],
    [["--url", "127.0.0.1:8787"], "--url"],
    [["--rolle", "admin"], "--rolle"],
  ])("given %j, ends with exit code 2 and one line", async (args, named) => {
    const { code, output } = await faultline(["link", ...args]);
    expect(code).toBe(2);
    expect(output).toContain(named);
    expect(output.trimEnd().split("\n")).toHaveLength(1);
  });

  test("where nothing answers, says so in one line", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { code, output } = await faultline(["link", "--url", url], { ADMIN_TOKEN: "admin-0123456789" });
    expect(code).toBe(1);
    expect(output).toContain(`nothing answers at ${url} (ECONNREFUSED)`);
    expect(output).not.toContain("admin-0123456789");
    expect(output.trimEnd().split("\n")).toHaveLength(1);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("a TCP server has an address and a port");
  return address.port;
}
