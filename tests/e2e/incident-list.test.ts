/** The list of incidents in a real browser: what it tells, filters in the address, files, and the keys. */
import { readFile } from "node:fs/promises";
import type { Browser, BrowserContext, Page as BrowserPage } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { IncidentItem, Page } from "../../domain/resource.ts";
import { scheduleOf } from "../../generator/fault.ts";
import { servicesOf } from "../../generator/services.ts";
import { eventsBetween, type StreamOptions } from "../../generator/stream.ts";
import { openBrowser } from "./browser.ts";
import { FaultlineServer } from "./faultline-server.ts";
import { ingest } from "./ingest.ts";
import { cutShort, overflow, violations, watchErrors } from "./page-checks.ts";
import { until } from "./process-group.ts";

const MINUTE_MS = 60_000;
const server = new FaultlineServer();
let browser: Browser | undefined;
let context: BrowserContext;
let page: BrowserPage;
let errors: string[];

beforeAll(async () => {
  await server.start();
  browser = await openBrowser();
  // Given payments failing for two minutes, ten minutes after the first event, and checkout for half a minute up to now
  const now_ms = Date.now();
  const origin_ms = now_ms - 20 * MINUTE_MS;
  const faults = scheduleOf([
    {
      kind: "errors",
      service: "payments",
      endpoint: null,
      share: 0.9,
      from_ms: now_ms - 9 * MINUTE_MS,
      to_ms: now_ms - 7 * MINUTE_MS,
    },
    {
      kind: "errors",
      service: "checkout",
      endpoint: "/cart/pay",
      share: 0.9,
      from_ms: now_ms - MINUTE_MS / 2,
      to_ms: Infinity,
    },
  ]);
  const stream: StreamOptions = { seed: 1, services: servicesOf(3), rate: 100, faults, origin_ms };
  await ingest(server, [...eventsBetween(stream, origin_ms, now_ms)]);
  await until("both in history", 60_000, async () => {
    const { items } = await server.get<Page<IncidentItem>>("/v1/incidents");
    const states = items.filter(({ cause }) => cause !== null).map(({ service, status }) => `${service} ${status}`);
    return states.includes("payments resolved") && states.includes("checkout open") ? true : undefined;
  });
});

afterAll(async () => {
  await browser?.close();
  await server.stop();
});

beforeEach(async () => {
  context = await browser!.newContext({ viewport: { width: 1440, height: 1000 }, acceptDownloads: true });
  page = await context.newPage();
  errors = watchErrors(page);
  await page.goto(await server.link());
  await page.getByText("Live", { exact: true }).waitFor({ timeout: 30_000 });
});

afterEach(() => context.close());

const row = (service: string) => page.getByRole("main").getByRole("link", { name: service });

async function open(query = ""): Promise<void> {
  await page.goto(`${server.url}/incidents${query}`);
  await page.getByRole("heading", { level: 1 }).waitFor({ timeout: 20_000 });
}

test("the list tells what is open and what was, and each line leads to its incident", async () => {
  await open();
  await page
    .getByRole("heading", { name: /^One incident is open.*; 1 was resolved in the last 7 days, after/ })
    .waitFor();
  await page.getByRole("heading", { name: "Open 1" }).waitFor();
  await row("payments").waitFor();
  await row("checkout").getByText("what /cart/pay depends on").waitFor();
  await row("checkout").getByText("LIKELY", { exact: true }).waitFor();
  expect(await violations(page)).toEqual([]);
  // Narrower, what it was and what may have brought it are still read in whole.
  for (const width of [1024, 720]) {
    await page.setViewportSize({ width, height: 1000 });
    expect([width, await cutShort(page.getByRole("main").locator(".first"))]).toEqual([width, []]);
  }

  await row("checkout").click();
  await page.waitForURL(/\/incidents\/checkout-\d+-error_rate$/);
  expect(errors).toEqual([]);
});

test("filters are in the address, hold over a reload, and can be cleared", async () => {
  await open();
  await row("payments").waitFor();
  await page.getByLabel("Status:").selectOption("open");
  await until("payments to be left out", 10_000, async () =>
    (await row("payments").count()) === 0 ? true : undefined,
  );
  expect(new URL(page.url()).search).toBe("?status=open");

  await page.reload();
  await row("checkout").waitFor();
  await expect.poll(() => row("payments").count()).toBe(0);

  await page.getByLabel("Service or endpoint").fill("payments");
  await page.getByText("No incident is like that.").waitFor();
  expect(new URL(page.url()).searchParams.get("q")).toBe("payments");
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await row("payments").waitFor();
  expect(new URL(page.url()).search).toBe("");
});

test("choices of one moment are all kept", async () => {
  await open();
  await row("payments").waitFor();
  // All of it before the address could change once
  await page.evaluate(`(() => {
    const [status, severity] = ["Status:", "Severity:"].map((label) =>
      [...document.querySelectorAll("main label")].find((each) => each.textContent.trim().startsWith(label)).querySelector("select"));
    const change = (field, value, event) => {
      field.value = value;
      field.dispatchEvent(new Event(event, { bubbles: true }));
    };
    change(status, "resolved", "change");
    const search = document.querySelector("main [data-key=search]");
    for (const text of ["p", "pa", "pay"]) change(search, text, "input");
    change(severity, "critical", "change");
    document.querySelector("[aria-label=Pause]").click();
  })()`);
  await page.waitForURL(/paused/);
  const chosen = Object.fromEntries(new URL(page.url()).searchParams);
  expect(chosen).toEqual({ status: "resolved", severity: "critical", q: "pay", paused: expect.any(String) });
  await expect.poll(() => page.getByLabel("Service or endpoint").inputValue()).toBe("pay");
  await row("payments").waitFor();
});

test("a letter that is typed while the one before goes into the address is not taken back", async () => {
  await open();
  await page.getByLabel("Service or endpoint").focus();
  const shown = await page.evaluate<string[]>(`new Promise((resolve) => {
    const search = document.activeElement;
    const type = (text) => {
      search.value = text;
      search.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const shown = new Set();
    const look = () => {
      shown.add(search.value);
      if (location.search !== "?q=pa") setTimeout(look);
      else requestAnimationFrame(() => resolve([...shown.add(search.value)]));
    };
    const write = history.replaceState;
    history.replaceState = (...entry) => {
      history.replaceState = write;
      write.apply(history, entry);
      type("pa");
      look();
    };
    type("p");
  })`);
  expect(shown).toEqual(["pa"]);
});

test("the chosen time leaves out what was not in it", async () => {
  const five_min_ago = new Date(Date.now() - 5 * MINUTE_MS).toISOString().slice(0, 19);
  const in_an_hour = new Date(Date.now() + 60 * MINUTE_MS).toISOString().slice(0, 19);
  await open(`?from=${five_min_ago}Z&to=${in_an_hour}Z`);
  await row("checkout").waitFor();
  await expect.poll(() => row("payments").count()).toBe(0);
});

test("what is listed can be taken along as CSV and as JSON", async () => {
  await open("?q=payments");
  await row("payments").waitFor();
  const file = async (name: string) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
    return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
  };
  const csv = await file("CSV");
  expect(csv.name).toBe("incidents.csv");
  expect(
    csv.text
      .trim()
      .split("\r\n")
      .map((line) => line.split(",")[1]),
  ).toEqual(["service", "payments"]);
  const json = await file("JSON");
  expect(json.name).toBe("incidents.json");
  const { items }: Page<IncidentItem> = JSON.parse(json.text);
  expect(items.map(({ service, status, cause }) => [service, status, cause === null])).toEqual([
    ["payments", "resolved", false],
  ]);
});

test("keys find, walk through the lines, go elsewhere and help, but not while somebody types", async () => {
  await open();
  await row("payments").waitFor();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/incidents\/checkout-/);

  await page.keyboard.press("g");
  await page.keyboard.press("i");
  await row("payments").waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("gf?j");
  await expect.poll(() => page.getByLabel("Service or endpoint").inputValue()).toBe("gf?j");
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  expect(await violations(page)).toEqual([]);

  await page.getByLabel("Single keys act").uncheck();
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("f");
  await page.keyboard.press("?");
  await expect.poll(() => page.getByRole("dialog", { name: "Keys" }).count()).toBe(0);
  expect(new URL(page.url()).pathname).toBe("/incidents");
});

test.each([
  [1440, "dark"],
  [375, "light"],
] as const)("axe finds nothing at %i px, %s, and nothing is wider than the window", async (width, colorScheme) => {
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme });
  await open();
  await row("payments").waitFor();
  expect(await violations(page)).toEqual([]);
  expect(await overflow(page)).toBe(0);
});
