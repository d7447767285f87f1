/** A server without SUBSCRIPTION_KEY in a real browser: what to set is said before anybody fills in a form. */
import type { Browser, BrowserContext, Page as BrowserPage } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openBrowser } from "./browser.ts";
import { FaultlineServer } from "./faultline-server.ts";
import { overflow, violations, watchErrors } from "./page-checks.ts";
import { signIn } from "./signed-in.ts";

const server = new FaultlineServer({ SUBSCRIPTION_KEY: "too-short" });
let browser: Browser | undefined;
let context: BrowserContext;
let page: BrowserPage;
let errors: string[];

beforeAll(async () => {
  await server.start();
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server.stop();
});

beforeEach(async () => {
  context = await browser!.newContext({ viewport: { width: 375, height: 800 } });
  page = await context.newPage();
  errors = watchErrors(page);
});

afterEach(() => context.close());

test.each(["admin", "viewer"] as const)(
  "the page of subscriptions says at once what to set, to an %s",
  async (role) => {
    await signIn(context, server, role);
    await page.goto(`${server.url}/subscriptions`);
    await page.getByText("Nothing can be saved yet: the server has no key to store targets with.").waitFor();
    await page.getByText("npx wrangler secret put SUBSCRIPTION_KEY").waitFor();
    expect(await page.getByText("Paste a webhook's address").count()).toBe(0);
    expect(await page.getByRole("button", { name: "New subscription" }).count()).toBe(0);
    // As every page: how far what is on the screen can be trusted.
    await page.getByRole("banner").getByText("Live", { exact: true }).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    expect(errors).toEqual([]);
  },
);
