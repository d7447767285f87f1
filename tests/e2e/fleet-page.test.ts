/** The fleet page in a real browser: from nothing to the first event, broken on purpose, and over a restart of the server. */
import { spawn } from "node:child_process";
import type { Browser, BrowserContext, Page as BrowserPage } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ROOT } from "../../cli/paths.ts";
import type { DemoState } from "../../domain/demo.ts";
import type { Page, ServiceItem } from "../../domain/resource.ts";
import { NO_FAULTS } from "../../generator/fault.ts";
import { servicesOf } from "../../generator/services.ts";
import { eventsBetween } from "../../generator/stream.ts";
import { openBrowser } from "./browser.ts";
import { FaultlineServer, TOKENS } from "./faultline-server.ts";
import { ingest } from "./ingest.ts";
import { cutShort, overflow, violations } from "./page-checks.ts";
import { until } from "./process-group.ts";

const server = new FaultlineServer({ DEMO: "1" });
let browser: Browser | undefined;
let context: BrowserContext;
let page: BrowserPage;
let errors: string[] = [];

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
  errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
});

afterEach(() => context.close());

/** What axe finds wrong by WCAG A and AA, in both colour schemes and on a phone; and whether the page scrolls sideways there. */
async function expectAccessible(): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1440, 375]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height: 1000 });
      expect([colorScheme, width, await violations(page)]).toEqual([colorScheme, width, []]);
      const sideways = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
      expect([width, sideways]).toEqual([width, 0]);
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1440, height: 1000 });
}

/** How much room (px) there is between the words below the heat strip, from left to right; below 0 where one covers another. */
function axisGaps(): Promise<number[]> {
  return page.locator(".strip .axis .axis > span").evaluateAll((words) => {
    const boxes = words.map((word) => word.getBoundingClientRect()).toSorted((a, b) => a.left - b.left);
    return boxes.slice(1).map((box, index) => box.left - boxes[index]!.right);
  });
}

/** The figures of the list that do not stand right before their units: their place is told by numbers, and not by what is beside them. */
function strayFigures(): Promise<string[]> {
  return page.locator('[data-key="row"] .number').evaluateAll((numbers) =>
    numbers.flatMap((number) => {
      const [value, unit] = [".value", ".unit"].map((part) => {
        const words = number.ownerDocument.createRange();
        words.selectNodeContents(number.querySelector(part));
        return words.getBoundingClientRect();
      });
      const gap = unit!.left - value!.right;
      const rise = unit!.bottom - value!.bottom;
      return gap > 0 && gap < 8 && Math.abs(rise) < 1 ? [] : [`${number.textContent}: ${gap} px, ${rise} px`];
    }),
  );
}

function send(body: string, token: string = TOKENS.INGEST_TOKEN): Promise<Response> {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  return fetch(`${server.url}/v1/ingest`, { method: "POST", headers, body });
}

const event = (service: string, latency_ms: number) =>
  JSON.stringify([{ service, endpoint: "/world", latency_ms, status_code: 200 }]);

describe("a Faultline without an event", () => {
  test("says how to connect, copies the token, names what was refused, and goes on with the first event", async () => {
    // Given an administrator before an empty fleet
    await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.url });
    await page.goto(await server.link());
    await page.getByRole("heading", { name: "No events yet." }).waitFor();
    await expect.poll(() => page.getByText(`curl -s ${server.url}/v1/ingest`).count()).toBe(1);
    await expectAccessible();
    let loads = 0;
    page.on("load", () => (loads += 1));

    // When they look at another way, then the address has it and the command names this very instance
    await page.getByRole("tab", { name: "HTTP" }).press("ArrowRight");
    await page.waitForURL(/connect=kafka/);
    await expect.poll(() => page.getByRole("tabpanel").textContent()).toContain(`FAULTLINE_URL=${server.url} `);
    await page.reload();
    await page.getByRole("tab", { name: "Kafka", selected: true }).waitFor();
    loads = 0;

    // And the token is copied, which the audit log has
    await page.getByRole("button", { name: "Copy the ingest token" }).click();
    await page.getByText("Copied. The audit log has that it was.").waitFor();
    expect(await page.evaluate<string>("navigator.clipboard.readText()")).toBe(TOKENS.INGEST_TOKEN);
    expect(await page.content()).not.toContain(TOKENS.INGEST_TOKEN);

    // And an event that breaks a rule is named with its reason, its text as text
    expect((await send(event("<b>hello</b>", 1))).status).toBe(200);
    await page.getByText("service must match").waitFor({ timeout: 10_000 });
    await expect.poll(() => page.getByText('"service":"<b>hello</b>"').count()).toBe(1);
    await page.getByText("Waiting for the first event.").waitFor();

    // And a right one takes the page on by itself
    expect((await send(event("hello", 12))).status).toBe(200);
    await page.getByRole("link", { name: "hello" }).first().waitFor({ timeout: 10_000 });
    await expect.poll(() => page.getByText("No events yet.").count()).toBe(0);
    expect(loads).toBe(0);
    expect(errors).toEqual([]);
  });
});

interface Generator {
  /** How many events it has sent, once its time is over: one that is stopped does not know of its last batch. */
  readonly sent: Promise<number>;
  readonly kill: () => void;
}

/** The generator as `npm start` runs it, for a time. */
function generate(rate: number, duration: string): Generator {
  const where = ["--url", server.url, "--rate", String(rate), "--duration", duration, "--json"];
  const child = spawn(process.execPath, ["generator/main.ts", "--demo", "--anomalies", "none", ...where], {
    cwd: ROOT,
    env: { ...process.env, INGEST_TOKEN: TOKENS.INGEST_TOKEN },
    stdio: ["ignore", "pipe", "ignore"],
  });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const sent = new Promise<number>((resolve) => {
    child.once("close", () => resolve(Number(/"kind":"summary","sent":(\d+)/.exec(said)?.[1])));
  });
  return { sent, kill: () => void child.kill() };
}

/** Ten minutes of health, so that what is normal is known. Tells how many events that were. */
async function sendPast(): Promise<number> {
  const now = Math.floor(Date.now() / 1000) * 1000;
  const stream = { seed: 1, services: servicesOf(3), rate: 90, faults: NO_FAULTS, origin_ms: now - 600_000 };
  const events = [...eventsBetween(stream, now - 600_000, now)];
  await ingest(server, events);
  return events.length;
}

/** What the page says of all requests of the last hour. */
async function requestsShown(): Promise<number> {
  const about = await page.getByRole("main").locator("dl > div").first().getAttribute("title");
  return Number(/: ([\d,]+)$/.exec(about ?? "")?.[1]?.replaceAll(",", ""));
}

describe("a service that is broken on purpose", () => {
  test("is an incident on the screen within ten seconds of the click, and survives a restart of the server", async () => {
    // Given three healthy services, and an administrator who watches them
    // The first event of the test before, where that ran.
    const { items } = await server.get<Page<ServiceItem>>("/v1/services");
    const past = await sendPast();
    const generator = generate(90, "80s");
    let heard = 0;
    page.on("websocket", (socket) => socket.on("framereceived", () => (heard += 1)));
    try {
      await page.goto(await server.link());
      await page.getByRole("heading", { name: "Break it" }).waitFor({ timeout: 30_000 });
      await until("health", 30_000, async () =>
        (await server.get<{ learning: boolean }>("/v1/services/payments")).learning ? undefined : true,
      );
      await page.getByText("are as usual").first().waitFor({ timeout: 15_000 });
      await page.getByText(/3 services: nothing|4 services: nothing/).waitFor();
      await expectAccessible();

      // On a phone the ticks of the strip give way to its end
      await page.setViewportSize({ width: 375, height: 1000 });
      await expect.poll(axisGaps).not.toEqual([]);
      expect(Math.min(...(await axisGaps()))).toBeGreaterThan(4);
      // And between phone and desk nothing is wider than the window
      await page.setViewportSize({ width: 720, height: 1000 });
      await expect.poll(() => overflow(page)).toBe(0);
      await page.setViewportSize({ width: 1440, height: 1000 });

      // While the page is paused its list stands still, whatever the socket tells, and says since when; back to live it goes on
      const figures = () => page.locator('[data-key="row"]').allInnerTexts();
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByText(/^The list stands still as of \d\d:\d\d:\d\d;/).waitFor();
      const still = await figures();
      const heard_before = heard;
      await expect.poll(() => heard, { timeout: 20_000 }).toBeGreaterThan(heard_before + 4);
      expect(await figures()).toEqual(still);
      expect(await violations(page)).toEqual([]);
      await page.getByRole("button", { name: "Back to live" }).click();
      await expect.poll(figures, { timeout: 10_000 }).not.toEqual(still);

      // When payments is broken
      await page.getByRole("combobox", { name: "Service" }).selectOption("payments");
      await page.getByRole("combobox", { name: "Strength" }).selectOption("90 %");
      await page.getByRole("button", { name: "Break it" }).click();

      // Then its incident is there within the time, and the stopwatch says how soon
      const took = page.locator("[data-took]");
      await took.waitFor({ timeout: 20_000 });
      expect(Number(await took.getAttribute("data-took"))).toBeLessThan(10_000);
      await page
        .getByText(/payments\s+is failing/)
        .first()
        .waitFor();
      await page.getByRole("heading", { name: /With an incident 1/ }).waitFor();
      await page.getByRole("listitem").filter({ hasText: "payments: 1 finding, still active" }).waitFor();
      await expectAccessible();
      // In lines of either height, at every width, each figure stands before its unit
      for (const width of [1440, 1000, 760, 375]) {
        await page.setViewportSize({ width, height: 1000 });
        await expect.poll(strayFigures).toEqual([]);
      }
      // As wide as a desk at twice the size the chosen time and the onset are still read in whole
      await page.setViewportSize({ width: 720, height: 1000 });
      expect(await cutShort(page.locator("header .opener .text, .for .second"))).toEqual([]);
      await page.setViewportSize({ width: 1440, height: 1000 });

      // When the server dies and comes back while the page is open
      let loads = 0;
      page.on("load", () => (loads += 1));
      await server.kill();
      await page.getByText(/^Reconnecting$/).waitFor({ timeout: 15_000 });
      await page
        .getByText(/^in \d+ s, last data \d\d:\d\d:\d\d$|^now, last data/)
        .first()
        .waitFor();
      // What is known stays where it was
      await expect.poll(() => page.getByText(/payments\s+is failing/).count()).toBeGreaterThan(0);
      await server.start();

      // Then it goes on by itself, with the same incident once, and what was broken still is
      await page.getByText(/^Live$/).waitFor({ timeout: 40_000 });
      await page.getByRole("heading", { name: /With an incident 1/ }).waitFor();
      expect(
        await page
          .getByRole("link", { name: /payments/ })
          .filter({ hasText: "/s" })
          .count(),
      ).toBe(1);
      await expect.poll(() => page.getByRole("listitem").filter({ hasText: "payments: 1 finding" }).count()).toBe(1);
      const { faults } = await server.get<DemoState>("/v1/demo/faults");
      expect(faults).toMatchObject([{ service: "payments", strength: 0.9 }]);
      expect(loads).toBe(0);

      const wrong = page.locator('[data-key="row"]').filter({ hasText: "payments" }).locator(".errors .critical");
      await expect.poll(() => wrong.count()).toBe(1);

      // When it is mended, then the panel says so
      await page.getByRole("button", { name: /^Mend/ }).click();
      await page.getByRole("list", { name: "Broken now" }).waitFor({ state: "detached" });

      // And what is back is not coloured any more, while its incident waits to be over
      const errorsNow = page.locator('[data-key="row"]').filter({ hasText: "payments" }).locator(".errors .value");
      const incidents = page.getByRole("heading", { name: /With an incident 1/ });
      await expect
        .poll(async () => [await errorsNow.getAttribute("class"), await incidents.count()], { timeout: 30_000 })
        .toEqual([expect.not.stringContaining("critical"), 1]);

      // Then every request of before, during and after the break is in the page's figure, and none is in it twice.
      const all = items.length + past + (await generator.sent);
      await until("all requests", 120_000, async () => {
        const shown = await requestsShown();
        if (shown !== all) throw new Error(`${shown} of ${all} requests are shown`);
        return true;
      });
      expect(errors).toEqual([]);
    } finally {
      generator.kill();
    }
  });
});

describe("a large fleet", () => {
  const COUNT = 450;

  test("has only what is on the screen in the page, finds by a search in the address, and scrolls to the last", async () => {
    const now = Math.floor(Date.now() / 1000) * 1000;
    const stream = { seed: 2, services: servicesOf(COUNT), rate: COUNT, faults: NO_FAULTS, origin_ms: now - 10_000 };
    await ingest(server, [...eventsBetween(stream, now - 10_000, now)]);
    await page.goto(await server.link());
    const rows = page.locator('[data-key="row"]');
    await rows.first().waitFor({ timeout: 30_000 });
    await page.getByText(/4\d\d (others|services): nothing/).waitFor({ timeout: 15_000 });
    await expect.poll(() => rows.count()).toBeLessThan(60);

    await page.getByRole("searchbox", { name: "Find a service" }).fill("search-120");
    await page.getByRole("link", { name: "search-120" }).waitFor();
    await expect.poll(() => rows.count()).toBe(1);
    await page.reload();
    await page.getByRole("link", { name: "search-120" }).waitFor({ timeout: 15_000 });
    await expect.poll(() => rows.count()).toBe(1);
    await page.getByRole("searchbox", { name: "Find a service" }).fill("nosuch");
    await page.getByText("No service matches “nosuch”.").waitFor();
    await page.getByRole("button", { name: "Clear the search" }).click();

    await page.getByRole("combobox", { name: "Sort:" }).selectOption("name");
    await page.waitForURL(/sort=name/);
    await rows.first().waitFor();
    await page.evaluate("scrollTo(0, document.body.scrollHeight)");
    await page.getByRole("link", { name: "search-99" }).waitFor();
    await expect.poll(() => rows.count()).toBeLessThan(60);
    expect(errors).toEqual([]);
  });
});
