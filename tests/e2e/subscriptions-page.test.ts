/** Subscriptions in a real browser: from a pasted address to a message that arrives, and who was told of an incident. */
import type { Browser, BrowserContext, Page as BrowserPage } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Page } from "../../domain/resource.ts";
import type { SubscriptionItem } from "../../domain/subscription.ts";
import { openBrowser } from "./browser.ts";
import { failCheckout } from "./failing-checkout.ts";
import { FaultlineServer, TOKENS } from "./faultline-server.ts";
import { overflow, violations, watchErrors } from "./page-checks.ts";
import { signIn } from "./signed-in.ts";
import { WEBHOOK_SECRET, WebhookReceiver } from "./webhook-receiver.ts";

const receiver = new WebhookReceiver();
const server = new FaultlineServer({
  SUBSCRIPTION_KEY: "e2e-subscription-key-0000000000000000",
  ALLOWED_TARGETS: "127.0.0.1",
});
let browser: Browser | undefined;
let context: BrowserContext;
let page: BrowserPage;
let errors: string[];

beforeAll(async () => {
  await receiver.start();
  await server.start();
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await server.stop();
  await receiver.stop();
});

beforeEach(async () => {
  context = await browser!.newContext({ viewport: { width: 1440, height: 1000 } });
  page = await context.newPage();
  errors = watchErrors(page);
});

afterEach(() => context.close());

async function open(path: string, role: "viewer" | "admin" = "admin"): Promise<void> {
  await signIn(context, server, role);
  await page.goto(`${server.url}${path}`);
  await page.getByRole("heading", { level: 1 }).waitFor({ timeout: 20_000 });
}

const listed = async (): Promise<readonly SubscriptionItem[]> =>
  (await server.get<Page<SubscriptionItem>>("/v1/subscriptions")).items;

test("an address is pasted, saved and tried: under a minute, and the receiver has it", async () => {
  await open("/subscriptions");
  await page.getByRole("heading", { name: "Nobody is told of incidents yet." }).waitFor();
  const began_ms = performance.now();
  await page.getByRole("button", { name: "New subscription" }).click();
  await page.waitForURL(/\?edit=new$/);
  await page.getByLabel("Address", { exact: true }).fill(receiver.url("/pasted"));
  await expect.poll(() => page.getByLabel("Name", { exact: true }).inputValue()).toBe(new URL(receiver.url("/")).host);
  await page.getByLabel("Name", { exact: true }).fill("Team room");
  // The secret that was made for it is there to copy; here the receiver has its own.
  await expect.poll(() => page.getByLabel("Signing secret").inputValue()).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  await page.getByLabel("Signing secret").fill(WEBHOOK_SECRET);
  await page.getByText("More: waiting, repeating, limits, template").click();
  await page.getByLabel("Wait for others (s)").fill("0");
  await page.getByRole("button", { name: "Show how it looks" }).click();
  const preview = page.getByLabel("Request");
  await preview.waitFor();
  await expect.poll(() => preview.innerText()).toMatch(/webhook-signature[\s\S]*"incident.opened"/);
  expect(await violations(page)).toEqual([]);
  await page.getByRole("button", { name: "Save" }).click();

  await page.getByRole("heading", { name: "Team room" }).waitFor();
  await page.getByRole("button", { name: "Send a test to Team room" }).click();
  await page.getByText(/^Taken, with 204 status, within \d+ ms\.$/).waitFor({ timeout: 20_000 });
  expect(performance.now() - began_ms).toBeLessThan(60_000);
  expect(receiver.at("/pasted").map(({ kind }) => kind)).toEqual(["test"]);
  expect(receiver.breaches).toEqual([]);
  expect(await page.content()).not.toContain(WEBHOOK_SECRET);
  expect(errors).toEqual([]);
});

test("what is wrong is named, and nothing that was typed is lost", async () => {
  await open("/subscriptions?edit=new");
  await page.getByLabel("Address", { exact: true }).fill("https://10.0.0.1/hook");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(/target\.url .*10\.0\.0\.1/).waitFor({ timeout: 20_000 });
  await expect.poll(() => page.getByLabel("Address", { exact: true }).inputValue()).toBe("https://10.0.0.1/hook");
  expect(await listed()).toHaveLength(1);
});

test("a change keeps the secrets that nobody typed anew", async () => {
  await open("/subscriptions");
  await page.getByRole("button", { name: "Change Team room" }).click();
  await page.getByLabel("From", { exact: true }).selectOption("high");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(/, high and worse/).waitFor();
  await page.getByRole("button", { name: "Send a test to Team room" }).click();
  await page.getByText(/^Taken, with 204 status/).waitFor({ timeout: 20_000 });
  expect(receiver.breaches).toEqual([]);
  await page.getByRole("button", { name: "Log of Team room" }).click();
  // A test is no message of an incident.
  await page.getByText("Nothing was sent in the last 7 days.", { exact: false }).waitFor();
});

test("an incident's page tells who was told, how fast, and who was not and why", async () => {
  const quiet = {
    name: "Pager",
    services: ["checkout"],
    changes: ["resolved"],
    target: { type: "webhook", url: receiver.url("/pager"), secrets: [WEBHOOK_SECRET] },
  };
  const answer = await fetch(`${server.url}/v1/subscriptions`, {
    method: "POST",
    headers: { Authorization: `Bearer ${TOKENS.ADMIN_TOKEN}`, "Content-Type": "application/json" },
    body: JSON.stringify(quiet),
  });
  expect(answer.status).toBe(201);
  const incident = await failCheckout(server);
  await expect.poll(() => receiver.at("/pasted").at(-1)?.kind, { timeout: 30_000 }).toMatch(/opened|escalated/);

  await open(`/incidents/${incident.id}`);
  const told = page.getByRole("region", { name: "Who was told" });
  await told.getByText(/^Opened, delivered within \d+\.\d s/).waitFor({ timeout: 30_000 });
  await told.getByText("Opened, withheld: it does not want to hear of this").waitFor({ timeout: 30_000 });
  await page
    .getByRole("region", { name: "Timeline" })
    .getByText(/^Told Team room: opened/)
    .waitFor();
  expect(await violations(page)).toEqual([]);

  await open("/subscriptions");
  await page.getByRole("button", { name: "Log of Team room" }).click();
  await expect.poll(() => page.getByText(/status 204, \d+ ms/).count()).toBe(1);
  expect(new URL(page.url()).searchParams.get("log")).toMatch(/^sub_/);
  await page.getByRole("button", { name: /^Send again/ }).click();
  await expect.poll(() => page.getByText(/status 204, \d+ ms/).count()).toBe(2);
  expect(
    new Set(
      receiver
        .at("/pasted")
        .filter(({ kind }) => kind !== "test")
        .map(({ id }) => id),
    ).size,
  ).toBe(1);
  expect(errors).toEqual([]);
});

test("who may only look sees all of it, and no button that changes anything", async () => {
  await open("/subscriptions?edit=new", "viewer");
  await page.getByRole("heading", { name: "Team room" }).waitFor();
  for (const name of [/Send a test/, /Change/, /New subscription/, /Export/, "Save"]) {
    await expect.poll(() => page.getByRole("button", { name }).count()).toBe(0);
  }
});

test("a deletion asks once more", async () => {
  await open("/subscriptions");
  await page.getByRole("button", { name: "Change Pager" }).click();
  await page.getByRole("button", { name: "Delete…" }).click();
  await page.getByRole("button", { name: "Delete Pager" }).click();
  await page.getByRole("heading", { level: 1, name: /^1 subscription/ }).waitFor();
  expect((await listed()).map(({ name }) => name)).toEqual(["Team room"]);
});

test.each([
  [1440, "light"],
  [1440, "dark"],
  [375, "light"],
  [375, "dark"],
] as const)("axe finds nothing at %i px, %s, and nothing is wider than the window", async (width, colorScheme) => {
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme });
  const [item] = await listed();
  await open(`/subscriptions?edit=${item!.id}&log=${item!.id}`);
  await page.getByRole("heading", { name: "Change Team room" }).waitFor();
  await page
    .getByText(/status 204, \d+ ms/)
    .first()
    .waitFor({ timeout: 20_000 });
  await page.getByText("More: waiting, repeating, limits, template").click();
  expect(await violations(page)).toEqual([]);
  expect(await overflow(page)).toBe(0);
});
