/** Silences in a real browser: made from an incident's page, counted on every page while they hold, listed and ended. */
import type { Browser, BrowserContext, Page as BrowserPage } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Incident } from "../../domain/incident.ts";
import type { Page } from "../../domain/resource.ts";
import type { Silence } from "../../domain/silencing.ts";
import { openBrowser } from "./browser.ts";
import { failCheckout } from "./failing-checkout.ts";
import { FaultlineServer, TOKENS } from "./faultline-server.ts";
import { overflow, violations, watchErrors } from "./page-checks.ts";
import { signIn } from "./signed-in.ts";

const HOUR_MS = 3_600_000;
const HOSTILE = `"><img src=x onerror="document.title='broken'">`;

const server = new FaultlineServer();
let browser: Browser | undefined;
let context: BrowserContext;
let page: BrowserPage;
let errors: string[];
let incident: Incident;

beforeAll(async () => {
  await server.start();
  browser = await openBrowser();
  incident = await failCheckout(server);
});

afterAll(async () => {
  await browser?.close();
  await server.stop();
});

beforeEach(async () => {
  for (const { id } of await stored()) await send("DELETE", `/v1/silences/${id}`);
  context = await browser!.newContext({ viewport: { width: 1440, height: 1000 }, colorScheme: "light" });
  page = await context.newPage();
  errors = watchErrors(page);
});

afterEach(() => context.close());

async function open(path: string): Promise<void> {
  await page.goto(`${server.url}${path}`);
  await page.getByRole("heading", { level: 1 }).waitFor({ timeout: 20_000 });
}

async function stored(): Promise<readonly Silence[]> {
  return (await server.get<Page<Silence>>("/v1/silences")).items;
}

async function send(method: "POST" | "PUT" | "DELETE", path: string, body?: unknown): Promise<void> {
  const headers = { Authorization: `Bearer ${TOKENS.ADMIN_TOKEN}` };
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const answer = await fetch(`${server.url}${path}`, init);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

const at = (after_ms: number): string => new Date(Date.now() + after_ms).toISOString();
const wish = (part: object = {}) => ({ services: ["search"], ends_at: at(HOUR_MS), comment: "planned work", ...part });

const heading = (name: string) => page.getByRole("heading", { level: 1, name });
const section = (name: string) => page.getByRole("region", { name, exact: true });
/** What the top bar says of silences that hold; empty where it says nothing. */
const counted = async (): Promise<string> =>
  (await page.getByRole("banner").getByRole("link", { name: "silence" }).allInnerTexts())
    .map((text) => text.replaceAll(/\s+/g, " ").trim())
    .join();

test("one is made from an incident's page, counted on every page, listed, and ended", async () => {
  await signIn(context, server, "admin");
  await open(`/incidents/${incident.id}`);
  await expect.poll(counted).toBe("");
  await page.getByRole("link", { name: "Silence…" }).click();

  // Then the form is filled in with what the incident is about, and an hour is chosen.
  await heading("Nothing is silenced.").waitFor({ timeout: 20_000 });
  const form = page.getByRole("form", { name: "New silence" });
  await expect.poll(() => form.getByLabel("Services").inputValue()).toBe("checkout");
  await expect.poll(() => form.getByLabel("Endpoint").inputValue()).toBe("/cart/pay");
  await expect.poll(() => form.getByRole("radio", { name: "1 h", exact: true }).isChecked()).toBe(true);
  await form.getByRole("checkbox", { name: "medium" }).uncheck();
  await form.getByRole("checkbox", { name: `only ${incident.id}` }).check();
  await form.getByLabel("Why").fill(HOSTILE);
  expect(await violations(page)).toEqual([]);
  await form.getByRole("button", { name: "Silence" }).click();

  await heading("1 silence holds now.").waitFor({ timeout: 20_000 });
  await expect.poll(() => page.url()).toBe(`${server.url}/silences`);
  await expect.poll(counted).toBe("1 silence");
  const row = section("Now").getByRole("listitem");
  await expect.poll(() => row.getByRole("heading").innerText()).toBe("checkout at /cart/pay only high or critical");
  await row.getByText(/^Until (\d+ \w+ )?\d\d:\d\d, for (59 min|1 h) more$/).waitFor();
  await row.getByText(HOSTILE).waitFor();
  const [silence] = await stored();
  expect(silence).toMatchObject({
    services: ["checkout"],
    endpoint: "/cart/pay",
    severities: ["high", "critical"],
    incident_id: incident.id,
    weekly: null,
    comment: HOSTILE,
    created_by: "admin by cookie",
  });
  expect(Date.parse(silence!.ends_at) - Date.parse(silence!.created_at)).toBeLessThanOrEqual(HOUR_MS);

  // It is counted on other pages too, and the count leads back.
  await row.getByRole("link", { name: incident.id }).click();
  await page.getByRole("link", { name: "Silence…" }).waitFor({ timeout: 20_000 });
  await expect.poll(counted).toBe("1 silence");
  await page.getByRole("banner").getByRole("link", { name: "1 silence" }).click();
  await row.getByRole("button", { name: "End now" }).click();
  await heading("Nothing is silenced.").waitFor({ timeout: 20_000 });
  await expect.poll(counted).toBe("");
  expect(await stored()).toEqual([]);
  expect(errors).toEqual([]);
});

test("one of each week is made with its days, hours and zone, stands by itself outside of them, and is ended for good", async () => {
  await signIn(context, server, "admin");
  await open("/silences");
  await page.getByRole("button", { name: "New silence" }).click();
  const form = page.getByRole("form", { name: "New silence" });
  await form.getByLabel("Services").fill("checkout, pay-*");
  await form.getByRole("radio", { name: "Every week" }).check();
  // The only day chosen is the one after tomorrow, so that its hours are not now.
  const day = ((new Date(Date.now() + 48 * HOUR_MS).getUTCDay() + 6) % 7) + 1;
  const names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
  for (const [index, name] of names.entries()) {
    await form.getByRole("checkbox", { name }).setChecked(index + 1 === day);
  }
  await form.getByLabel("from", { exact: true }).fill("08:00");
  await form.getByLabel("to", { exact: true }).fill("10:00");
  await form.getByLabel("Time zone").fill("UTC");
  await form.getByLabel("For", { exact: true }).selectOption("4 weeks");
  expect(await violations(page)).toEqual([]);
  await form.getByRole("button", { name: "Silence" }).click();

  await heading("Nothing is silenced now; 1 silence is to come.").waitFor({ timeout: 20_000 });
  const row = section("Every week").getByRole("listitem");
  await expect.poll(() => row.getByRole("heading").innerText()).toBe("checkout and pay-*");
  await row.getByText(`${names[day - 1]}, 08:00 to 10:00, UTC`).waitFor();
  await expect.poll(counted).toBe("");
  expect(await stored()).toMatchObject([{ weekly: { days: [day], from: "08:00", until: "10:00", zone: "UTC" } }]);

  await row.getByRole("button", { name: "End for good" }).click();
  await heading("Nothing is silenced.").waitFor({ timeout: 20_000 });
  expect(await stored()).toEqual([]);
  expect(errors).toEqual([]);
});

test("one that holds is changed in the form it was made in, with the keyboard alone, and its address says so", async () => {
  await send("POST", "/v1/silences", wish({ services: ["checkout"], severities: ["critical"] }));
  const [before] = await stored();
  await signIn(context, server, "admin");
  await open("/silences");
  const row = section("Now").getByRole("listitem");
  await row.getByRole("button", { name: "Change the silence of checkout" }).focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => page.url()).toBe(`${server.url}/silences?edit=${before!.id}`);
  const form = page.getByRole("form", { name: "Change the silence of checkout" });
  await expect.poll(() => form.getByLabel("Services").evaluate((element) => element.matches(":focus"))).toBe(true);
  await expect.poll(() => form.getByLabel("Services").inputValue()).toBe("checkout");
  await expect.poll(() => form.getByRole("checkbox", { name: "medium" }).isChecked()).toBe(false);
  await expect.poll(() => form.getByRole("radio", { name: /^As it is: until / }).isChecked()).toBe(true);
  expect(await violations(page)).toEqual([]);

  // A reload loses nothing that is stored, and what else is open is told while it is filled in.
  await page.reload();
  await form.getByText(/Open now: it matches \d of 1\. Last 7 days: \d of \d/).waitFor({ timeout: 20_000 });
  await form.getByLabel("Services").fill("checkout, chekout");
  await form.getByText("No service that is known is called chekout.").waitFor();
  await form.getByLabel("Services").fill("checkout");
  await form.getByLabel("Why").fill("it takes longer");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.url()).toBe(`${server.url}/silences`);
  await row.getByText("it takes longer").waitFor();
  const [after] = await stored();
  expect(after).toEqual({ ...before, comment: "it takes longer", revision: after!.revision });
  // Who goes by the keyboard is where they were.
  const change = row.getByRole("button", { name: "Change the silence of checkout" });
  await expect.poll(() => change.evaluate((element) => element.matches(":focus"))).toBe(true);
  expect(errors).toEqual([]);
});

test("one that holds is an hour longer with one click, and says what it keeps quiet", async () => {
  await send("POST", "/v1/silences", wish({ services: ["checkout"] }));
  const [before] = await stored();
  await signIn(context, server, "viewer");
  await open("/silences");
  const row = section("Now").getByRole("listitem");
  await row.getByText(/^Keeps quiet now: checkout \d+ % errors$/).waitFor({ timeout: 20_000 });
  await expect.poll(() => row.getByRole("button").count()).toBe(0);

  await signIn(context, server, "admin");
  await open("/silences");
  await row.getByRole("button", { name: "1 h more for the silence of checkout" }).click();
  await row.getByText(/, for 1 h \d+ min more$/).waitFor();
  const [after] = await stored();
  expect(Date.parse(after!.ends_at) - Date.parse(before!.ends_at)).toBe(HOUR_MS);
  expect(errors).toEqual([]);
});

test("who changes what somebody else has changed meanwhile is told, and can begin again from that", async () => {
  await send("POST", "/v1/silences", wish());
  const [silence] = await stored();
  await signIn(context, server, "admin");
  await open(`/silences?edit=${silence!.id}`);
  const form = page.getByRole("form", { name: "Change the silence of search" });
  await form.getByLabel("Why").fill("mine");
  const theirs = { services: ["search"], starts_at: silence!.starts_at, ends_at: silence!.ends_at, comment: "theirs" };
  await send("PUT", `/v1/silences/${silence!.id}`, theirs);
  await section("Now").getByText("theirs").waitFor({ timeout: 20_000 });
  await form.getByRole("button", { name: "Save" }).click();
  await form.getByText("Somebody changed it meanwhile; nothing was saved.").waitFor();
  await expect.poll(() => form.getByLabel("Why").inputValue()).toBe("mine");
  expect(await stored()).toMatchObject([{ comment: "theirs" }]);
  await form.getByRole("button", { name: "Begin again from what it is now" }).click();
  await expect.poll(() => form.getByLabel("Why").inputValue()).toBe("theirs");

  // One that has ended is not made again by an old address.
  await send("DELETE", `/v1/silences/${silence!.id}`);
  await page.reload();
  await page.getByText("That silence has ended, or never was.").waitFor({ timeout: 20_000 });
  await page.getByRole("button", { name: "Those that there are" }).click();
  await expect.poll(() => page.url()).toBe(`${server.url}/silences`);
});

test("what is wrong is told beside its field, and nothing is stored", async () => {
  await signIn(context, server, "admin");
  await open("/silences?new=1");
  const form = page.getByRole("form", { name: "New silence" });
  await form.getByRole("radio", { name: "From … to …" }).check();
  await form.getByLabel("Why").focus();
  await form.getByRole("button", { name: "Silence" }).click();
  await form.getByText("Say whose incidents: * is every service.").waitFor();
  await form.getByText("Say the day and the time.").waitFor();
  await expect.poll(() => form.getByLabel("Services").getAttribute("aria-invalid")).toBe("true");
  await expect.poll(() => form.getByLabel("Services").evaluate((element) => element.matches(":focus"))).toBe(true);
  expect(await violations(page)).toEqual([]);
  await form.getByLabel("Services").fill("*");
  await expect.poll(() => form.getByLabel("Services").getAttribute("aria-invalid")).toBeNull();
  expect(await stored()).toEqual([]);

  await form.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "New silence" }).waitFor();
  await expect.poll(() => page.url()).toBe(`${server.url}/silences`);
  expect(errors).toEqual([]);
});

test("what others make is seen without a reload, and by a viewer without buttons", async () => {
  await signIn(context, server, "viewer");
  await open("/silences?new=1");
  await heading("Nothing is silenced.").waitFor();
  await send("POST", "/v1/silences", wish());
  await send("POST", "/v1/silences", wish({ starts_at: at(HOUR_MS), ends_at: at(2 * HOUR_MS) }));
  await heading("1 silence holds now.").waitFor({ timeout: 20_000 });
  await section("To come")
    .getByText(/^From /)
    .waitFor();
  await expect.poll(counted, { timeout: 20_000 }).toBe("1 silence");
  await expect.poll(() => page.getByRole("main").getByRole("button").count()).toBe(0);
  await expect.poll(() => page.getByRole("form").count()).toBe(0);
  await open(`/incidents/${incident.id}`);
  await page.getByText("Timeline", { exact: true }).waitFor();
  await expect.poll(() => page.getByRole("link", { name: "Silence…" }).count()).toBe(0);
  expect(errors).toEqual([]);
});

test("settings, subscriptions and silences name each other, under one entry of the top bar", async () => {
  await signIn(context, server, "admin");
  await open("/settings");
  const tabs = page.getByRole("navigation", { name: "Settings" });
  const entry = page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Settings" });
  for (const [name, path] of [
    ["Silences", "/silences"],
    ["Subscriptions", "/subscriptions"],
    ["Judging", "/settings"],
  ] as const) {
    await tabs.getByRole("link", { name }).click();
    await expect.poll(() => page.url()).toBe(`${server.url}${path}`);
    await expect.poll(() => tabs.getByRole("link", { name }).getAttribute("aria-current")).toBe("page");
    await expect.poll(() => entry.getAttribute("aria-current")).toBe(path === "/settings" ? "page" : "true");
  }
});

test.each([
  [1440, "light"],
  [1440, "dark"],
  [375, "light"],
] as const)("axe finds nothing at %i px, %s, and nothing is wider than the window", async (width, colorScheme) => {
  await send("POST", "/v1/silences", wish({ endpoint: `/${"long".repeat(40)}`, incident_id: incident.id }));
  const hours = { days: [1, 2, 3, 4, 5, 6, 7], from: "00:00", until: "00:00", zone: "Europe/Berlin" };
  await send("POST", "/v1/silences", wish({ weekly: hours }));
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme });
  await signIn(context, server, "admin");
  await open("/silences");
  await heading("2 silences hold now.").waitFor();
  await expect.poll(counted).toMatch(/^2/);
  expect(await violations(page)).toEqual([]);
  expect(await overflow(page)).toBe(0);

  await open(`/silences?new=1&services=checkout&incident=${incident.id}`);
  await page.getByRole("radio", { name: "Every week" }).check();
  await page.getByRole("combobox", { name: "Time zone" }).waitFor();
  expect(await violations(page)).toEqual([]);
  expect(await overflow(page)).toBe(0);
  // The count has its place beside the time that is shown, where there is least room.
  await open("/");
  await expect.poll(counted).toMatch(/^2/);
  expect(await overflow(page)).toBe(0);
  expect(errors).toEqual([]);
});
