/** `npm run dev` in a real browser: the dashboard's sources under a port of their own, with the data of a Faultline that runs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser } from "./browser.ts";
import { FaultlineServer, TOKENS } from "./faultline-server.ts";
import { watchErrors } from "./page-checks.ts";
import { freePort, ProcessGroup, until } from "./process-group.ts";

const server = new FaultlineServer();
let browser: Browser | undefined;
let dev: ProcessGroup | undefined;

beforeAll(async () => {
  await server.start();
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await dev?.end();
  await server.stop();
});

test("the printed link signs in, the socket is live, and a change by cookie is taken", async () => {
  const log = join(server.folder, "dev.log");
  const port = await freePort();
  const command = [process.execPath, "cli/dev.ts", "--url", server.url, "--port", String(port)];
  dev = new ProcessGroup(command, { ADMIN_TOKEN: TOKENS.ADMIN_TOKEN }, log);
  const link = await until("the link", 60_000, () => /Open {2}(\S+)/.exec(readFileSync(log, "utf8"))?.[1]);
  expect(link).toContain(`http://127.0.0.1:${port}/#code=`);
  await dev.untilReady("vite", 60_000, async () => (await fetch(`http://127.0.0.1:${port}/`)).ok);

  const context = await browser!.newContext();
  const page = await context.newPage();
  const errors = watchErrors(page);
  const said: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  await page.goto(link);
  await page.getByRole("heading", { name: "No events yet." }).waitFor({ timeout: 60_000 });
  await page.getByText("Live", { exact: true }).waitFor({ timeout: 20_000 });
  // The tools of the page wait for changes of the sources.
  await until("hot reload", 10_000, () => (said.includes("[vite] connected.") ? true : undefined));
  const status = await page.evaluate<number>(
    `fetch("/v1/session/codes", { method: "POST", body: JSON.stringify({ role: "viewer" }) }).then(({ status }) => status)`,
  );
  expect(status).toBe(201);
  expect(errors).toEqual([]);
  await context.close();
});
