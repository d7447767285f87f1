/** What an open page asks the server for, in a real browser: what its socket brings is not asked for with each look. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openBrowser } from "./browser.ts";
import { FaultlineServer } from "./faultline-server.ts";
import { ingest } from "./ingest.ts";
import { signIn } from "./signed-in.ts";

const server = new FaultlineServer();
let browser: Browser | undefined;

beforeAll(async () => {
  await server.start();
  browser = await openBrowser();
  const event = { endpoint: "/pay", latency_ms: 12, status_code: 200, version: "1" };
  await ingest(server, [{ ...event, event_time: new Date().toISOString(), service: "checkout" }]);
});

afterAll(async () => {
  await browser?.close();
  await server.stop();
});

test("history is not asked for incidents each time that the service is asked for its endpoints", async () => {
  const context = await browser!.newContext();
  const page = await context.newPage();
  const asked = { service: 0, incidents: 0 };
  page.on("request", (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (pathname === "/v1/services/checkout") asked.service += 1;
    if (pathname === "/v1/incidents" && searchParams.get("service") === "checkout") asked.incidents += 1;
  });
  await signIn(context, server, "viewer");
  await page.goto(`${server.url}/services/checkout`);
  await page.getByRole("banner").getByText("Live", { exact: true }).waitFor({ timeout: 20_000 });
  Object.assign(asked, { service: 0, incidents: 0 });
  await expect.poll(() => asked.service, { timeout: 30_000 }).toBe(3);
  // Once at most: for what happened before the socket was there.
  expect(asked.incidents).toBeLessThan(2);
  await context.close();
});
