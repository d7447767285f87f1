import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import { run } from "./run.ts";

const dev = (...args: readonly string[]) =>
  run([process.execPath, "cli/dev.ts", ...args], { env: { ...process.env, ADMIN_TOKEN: "admin-0123456789" } });

test.each([
  [["--port", "0"], "--port"],
  [["--port", "87x"], "--port"],
  [["--url", "ftp://127.0.0.1"], "--url"],
  [["--prot", "80"], "--prot"],
])("given %j, refuses with exit code 2 and one line that names %s", async (argv, name) => {
  const { code, output } = await dev(...argv);
  expect([code, output.trimEnd().split("\n").length]).toEqual([2, 1]);
  expect(output).toContain(name);
});

test("given no Faultline there, says how to start one and serves nothing", async () => {
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const { code, output } = await dev("--url", `http://127.0.0.1:${port}`);
  expect(code).toBe(1);
  expect(output).toMatch(new RegExp(`nothing answers at http://127.0.0.1:${port} .*npm start`));
});
