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

const MORE = "More: waiting, repeating, limits, headers, template, preview";
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

async function admin(method: "POST" | "PUT" | "DELETE", path: string, body: object = {}): Promise<void> {
  const headers = { Authorization: `Bearer ${TOKENS.ADMIN_TOKEN}`, "Content-Type": "application/json" };
  const answer = await fetch(`${server.url}${path}`, { method, headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

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
  await page.getByText(MORE).click();
  await page.getByLabel("Wait for others (s)").fill("0");
  await page.getByRole("button", { name: "Show how it looks" }).click();
  const preview = page.getByLabel("Request");
  await preview.waitFor();
  await expect.poll(() => preview.innerText()).toMatch(/webhook-signature[\s\S]*"incident.opened"/);
  expect(await violations(page)).toEqual([]);
  // One click: it is saved, and the receiver has a test of it.
  await page.getByRole("button", { name: "Save and send a test" }).click();

  await page.getByRole("heading", { name: "Team room" }).waitFor();
  await page.getByText(/^Taken, with 204 status, within \d+ ms\.$/).waitFor({ timeout: 20_000 });
  expect(performance.now() - began_ms).toBeLessThan(60_000);
  expect(receiver.at("/pasted").map(({ kind }) => kind)).toEqual(["test"]);
  expect(receiver.breaches).toEqual([]);
  expect(await page.content()).not.toContain(WEBHOOK_SECRET);
  expect(errors).toEqual([]);
});

test("what is wrong is told beside its field, and nothing that was typed is lost", async () => {
  await open("/subscriptions?edit=new");
  const address = page.getByLabel("Address", { exact: true });
  await expect.poll(() => address.evaluate((element) => element.matches(":focus"))).toBe(true);
  await page.keyboard.press("Enter");
  await page.getByText("Paste the address that messages are to be sent to.").waitFor();
  await page.getByText("Say what people are to call it.").waitFor();
  await expect.poll(() => address.getAttribute("aria-invalid")).toBe("true");
  // What stands folded away is unfolded where something in it is wrong.
  await page.getByText(MORE).click();
  await page.getByLabel("Messages an hour").fill("many");
  await page.getByText(MORE).click();
  await page.getByLabel("Name", { exact: true }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("It must be a whole number of messages from 1 to 1000.").waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByLabel("Messages an hour").fill("60");

  await address.fill("https://10.0.0.1/hook");
  await page.getByRole("button", { name: "Only save" }).click();
  await page.getByText(/target\.url .*10\.0\.0\.1/).waitFor({ timeout: 20_000 });
  await expect.poll(() => address.inputValue()).toBe("https://10.0.0.1/hook");
  expect(await listed()).toHaveLength(1);
  await page.getByRole("button", { name: "Cancel" }).click();
  const opener = page.getByRole("button", { name: "New subscription" });
  await expect.poll(() => opener.evaluate((element) => element.matches(":focus"))).toBe(true);
});

test("who changes what somebody else has changed meanwhile is told, and can begin again from that", async () => {
  const [item] = await listed();
  await open(`/subscriptions?edit=${item!.id}`);
  await page.getByLabel("Services", { exact: true }).fill("search");
  await admin("PUT", `/v1/subscriptions/${item!.id}`, { services: ["checkout", "pay-*"] });
  // The list has it, and the form is still what its reader saw.
  await page.getByText("checkout or pay-*").waitFor({ timeout: 20_000 });
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Somebody changed it meanwhile; nothing was saved.").waitFor();
  expect(await listed()).toMatchObject([{ services: ["checkout", "pay-*"] }]);
  await page.getByRole("button", { name: "Begin again from what it is now" }).click();
  await expect.poll(() => page.getByLabel("Services", { exact: true }).inputValue()).toBe("checkout, pay-*");
  await page.getByLabel("Services", { exact: true }).fill("");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("any service").waitFor();
  const change = page.getByRole("button", { name: "Change Team room" });
  await expect.poll(() => change.evaluate((element) => element.matches(":focus"))).toBe(true);

  await open("/subscriptions?edit=sub_0000000000000000");
  await page.getByText("There is no such subscription any more.").waitFor();
});

test("a server that dies in the middle of it loses nothing, and who waits for it sees that", async () => {
  await open("/subscriptions?edit=new");
  await page.getByLabel("Address", { exact: true }).fill(receiver.url("/later"));
  const save = page.getByRole("button", { name: "Only save" });
  const held = Promise.withResolvers<void>();
  await page.route("**/v1/subscriptions", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    await held.promise;
    return route.abort();
  });
  await save.click();
  await page.getByRole("button", { name: "Saving…" }).waitFor();
  held.resolve();
  await page.getByText("It is not saved.").waitFor();
  await page.getByText("The server could not be reached", { exact: false }).first().waitFor();
  await expect.poll(() => page.getByLabel("Address", { exact: true }).inputValue()).toBe(receiver.url("/later"));
  await page.unroute("**/v1/subscriptions");
  await save.click();
  const row = page.getByRole("heading", { name: new URL(receiver.url("/")).host });
  await row.waitFor();
  const made = (await listed()).find(({ name }) => name !== "Team room");
  await admin("DELETE", `/v1/subscriptions/${made!.id}`);
});

test("a change keeps the secrets that nobody typed anew", async () => {
  await open("/subscriptions");
  await page.getByRole("button", { name: "Change Team room" }).click();
  await page.getByLabel("Severity", { exact: true }).selectOption("high");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(/; high and worse$/).waitFor();
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
  await admin("POST", "/v1/subscriptions", quiet);
  receiver.answers.set("/refuses", (response) => response.writeHead(410).end());
  const target = { ...quiet.target, url: receiver.url("/refuses") };
  await admin("POST", "/v1/subscriptions", { ...quiet, name: "Zed", changes: ["opened", "escalated"], target });
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
  await page.getByText("You can look, not change.").waitFor();
  for (const name of [/Send a test/, /Change/, /New subscription/, /Export/, /Save/]) {
    await expect.poll(() => page.getByRole("button", { name }).count()).toBe(0);
  }
});

test("a target that takes nothing is told first, with how bad it is, and a search finds one of many", async () => {
  for (let index = 0; index < 7; index += 1) {
    const url = receiver.url(`/many/${index}`);
    const target = { type: "webhook", url, secrets: [WEBHOOK_SECRET] };
    await admin("POST", "/v1/subscriptions", { name: `Room ${index}`, services: [`service-${index}-*`], target });
  }
  await open("/subscriptions");
  await page
    .getByRole("heading", { level: 1, name: "10 subscriptions, 1 not delivering." })
    .waitFor({ timeout: 30_000 });
  await expect.poll(() => page.getByRole("heading", { level: 3 }).first().innerText()).toBe("Zed");
  await page.getByText(/^Disabled by its target since /).waitFor();
  expect(await violations(page)).toEqual([]);

  await page.keyboard.press("/");
  await page.keyboard.type("room service-3");
  await expect.poll(() => page.getByRole("heading", { level: 3 }).allInnerTexts()).toEqual(["Room 3"]);
  expect(new URL(page.url()).searchParams.get("q")).toBe("room service-3");
  await page.getByRole("searchbox").fill("nowhere");
  await page.getByText("No subscription matches “nowhere”.").waitFor();
  await page.getByRole("button", { name: "Clear the search" }).click();
  await expect.poll(() => page.getByRole("heading", { level: 3 }).count()).toBe(10);
  for (const { id, name } of await listed()) {
    if (/^(Zed|Room \d)$/.test(name)) await admin("DELETE", `/v1/subscriptions/${id}`);
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
  const item = (await listed()).find(({ name }) => name === "Team room");
  await open(`/subscriptions?edit=${item!.id}&log=${item!.id}`);
  await page.getByRole("heading", { name: "Change Team room" }).waitFor();
  await page
    .getByText(/status 204, \d+ ms/)
    .first()
    .waitFor({ timeout: 20_000 });
  await page.getByText(MORE).click();
  expect(await violations(page)).toEqual([]);
  expect(await overflow(page)).toBe(0);
});
