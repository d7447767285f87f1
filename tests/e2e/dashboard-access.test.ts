/** The way in and out of the dashboard, and addresses that lead nowhere, in a real browser. */
import type { Browser, BrowserContext, Page as BrowserPage } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openBrowser } from "./browser.ts";
import { FaultlineServer } from "./faultline-server.ts";
import { overflow, violations } from "./page-checks.ts";
import { signIn } from "./signed-in.ts";

const server = new FaultlineServer();
let browser: Browser | undefined;
let context: BrowserContext;
let page: BrowserPage;

beforeAll(async () => {
  await server.start();
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server.stop();
});

beforeEach(async () => {
  context = await browser!.newContext({ viewport: { width: 1440, height: 1000 } });
  page = await context.newPage();
});

afterEach(() => context.close());

test("a link pasted where its page is open already signs in, without a reload", async () => {
  await page.goto(server.url);
  await page.getByRole("heading", { name: "You are not signed in." }).waitFor();
  await expect.poll(() => page.getByText(`npm run faultline link -- --url ${server.url}`).count()).toBe(1);
  // On a phone the command is wider than the page: it scrolls, which the keyboard must be able to do too.
  await page.setViewportSize({ width: 375, height: 800 });
  expect([await violations(page), await overflow(page)]).toEqual([[], 0]);
  let loads = 0;
  page.on("load", () => (loads += 1));

  await page.goto(await server.link());

  await page.getByRole("heading", { name: "No events yet." }).waitFor({ timeout: 10_000 });
  // The code is used up and must not stay in the address.
  await page.waitForURL(`${server.url}/`);
  expect(loads).toBe(0);
});

test("a session that ends is told at once, and why it ended stays on the page", async () => {
  const expires_at = Date.now() + 6000;
  await signIn(context, server, "viewer", expires_at);
  await page.goto(server.url);
  await page.getByRole("heading", { name: "No events yet." }).waitFor();

  const ended = page.getByRole("heading", { name: "Your session has ended." });
  await ended.waitFor({ timeout: 15_000 });
  expect(Date.now() - expires_at).toBeLessThan(1900);

  // Asked again meanwhile, the answer is the same.
  await page.waitForResponse((response) => response.url().endsWith("/v1/session"));
  await page.waitForResponse((response) => response.url().endsWith("/ready"));
  await expect.poll(() => ended.count()).toBe(1);
});

test("a service that does not exist is called so, and nothing is tried for ever", async () => {
  await signIn(context, server, "viewer", Date.now() + 600_000);
  await page.goto(`${server.url}/services/nosuch`);

  await page.getByRole("heading", { name: "There is no service “nosuch”." }).waitFor();
  // The top bar tells of the connection as long as there is one, or one is tried.
  await expect.poll(() => page.getByText(/Connecting|Reconnecting|Stale|Live/).count()).toBe(0);

  const asked = page.waitForResponse((response) => response.url().endsWith("/v1/services/nosuch"));
  await page.getByRole("button", { name: "Look again" }).click();
  expect((await asked).status()).toBe(404);
});

test("a file of an earlier build is missing and is no page that a browser would keep for a year", async () => {
  const gone = await fetch(`${server.url}/_app/immutable/chunks/gone.js`);
  expect([gone.status, gone.headers.get("Cache-Control")]).toEqual([404, "no-store"]);

  const shell = await fetch(`${server.url}/services/checkout`);
  expect(await shell.text()).toContain("<!doctype html>");
  expect(shell.headers.get("Content-Security-Policy")).toBe("frame-ancestors 'none'");

  const script = /\/_app\/immutable\/[^"]+\.js/.exec(await (await fetch(server.url)).text())?.[0] ?? "";
  const kept = await fetch(`${server.url}${script}`);
  expect(kept.headers.get("Content-Type")).toContain("javascript");
  expect(kept.headers.get("Cache-Control")).toContain("immutable");
});
