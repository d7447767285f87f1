/** The page of a service in a real browser: any time of it, zoomed into, stopped, gone back to, and found again by its address. */
import type { Browser, BrowserContext, Page as BrowserPage } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Page, WindowItem } from "../../domain/resource.ts";
import { scheduleOf } from "../../generator/fault.ts";
import { servicesOf } from "../../generator/services.ts";
import { eventsBetween, type ServiceEventJson, type StreamOptions } from "../../generator/stream.ts";
import { openBrowser } from "./browser.ts";
import { FaultlineServer } from "./faultline-server.ts";
import { ingest } from "./ingest.ts";
import { overflow, violations, watchErrors } from "./page-checks.ts";
import { until } from "./process-group.ts";

const MINUTE_MS = 60_000;
const server = new FaultlineServer();
let browser: Browser | undefined;
let context: BrowserContext;
let page: BrowserPage;
let errors: string[];
let traffic: LiveTraffic;

/** Twenty requests a second, with a minute of silence, late requests, and two minutes in which one endpoint fails after a release. */
class LiveTraffic {
  readonly begin_ms = Date.now() - 25 * MINUTE_MS;
  #sent_ms = this.begin_ms;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();
  readonly #stream: StreamOptions = {
    seed: 1,
    services: servicesOf(1),
    rate: 20,
    origin_ms: this.begin_ms,
    faults: scheduleOf([
      {
        kind: "errors",
        service: "checkout",
        endpoint: "/cart/pay",
        share: 0.9,
        from_ms: this.begin_ms + 17 * MINUTE_MS,
        to_ms: this.begin_ms + 19 * MINUTE_MS,
      },
    ]),
  };

  async begin(): Promise<void> {
    await this.#send();
    // Late requests of a minute that is in history already.
    await until("the minute in history", 60_000, async () => {
      const minutes = await server.minutes("checkout", this.begin_ms + 9 * MINUTE_MS, this.begin_ms + 12 * MINUTE_MS);
      return minutes.length >= 3 ? true : undefined;
    });
    await ingest(
      server,
      Array.from({ length: 40 }, () => this.#late()),
    );
    this.#timer = setInterval(() => {
      this.#sending = this.#sending.then(() => this.#send());
    }, 250);
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sending;
  }

  async #send(): Promise<void> {
    const to_ms = Date.now();
    const events = [...eventsBetween(this.#stream, this.#sent_ms, to_ms)].flatMap((event) => this.#told(event));
    this.#sent_ms = to_ms;
    if (events.length > 0) await ingest(server, events);
  }

  #told(event: ServiceEventJson): ServiceEventJson[] {
    const minute = Math.floor((Date.parse(event.event_time) - this.begin_ms) / MINUTE_MS);
    return minute === 6 ? [] : [{ ...event, version: minute < 16 ? "24.2" : "24.3" }];
  }

  #late(): ServiceEventJson {
    const event_time = new Date(this.begin_ms + 10.5 * MINUTE_MS).toISOString();
    return { event_time, service: "checkout", endpoint: "/cart", latency_ms: 90, status_code: 200, version: "24.2" };
  }
}

beforeAll(async () => {
  await server.start();
  browser = await openBrowser();
  traffic = new LiveTraffic();
  await traffic.begin();
});

afterAll(async () => {
  await traffic.end();
  await browser?.close();
  await server.stop();
});

beforeEach(async () => {
  context = await browser!.newContext({
    viewport: { width: 1440, height: 1000 },
    colorScheme: "light",
    timezoneId: "Asia/Kolkata",
    hasTouch: true,
  });
  page = await context.newPage();
  errors = watchErrors(page);
  await page.goto(await server.link());
  await page.getByText("Live", { exact: true }).waitFor({ timeout: 30_000 });
});

afterEach(async () => {
  expect(errors).toEqual([]);
  await context.close();
});

const slider = () => page.getByRole("slider");

async function open(query = ""): Promise<void> {
  await page.goto(`${server.url}/services/checkout${query}`);
  await page.getByText(/one point is/).waitFor({ timeout: 20_000 });
  // The whole of history is here once the oldest point is drawn: before that there is no first tick to ask for.
  await until("the charts", 20_000, async () =>
    (await page.locator(".plot path.line").count()) > 0 ? true : undefined,
  );
}

/** The axis of the charts, epoch seconds. */
async function axis(): Promise<{ from: number; until: number }> {
  const [from, to] = await Promise.all(
    ["aria-valuemin", "aria-valuemax"].map(async (name) => Number(await slider().getAttribute(name))),
  );
  return { from: from!, until: to! };
}

/** The span in the address, epoch seconds; null where there is none. */
function zoomed(): { from: number; until: number } | null {
  const query = new URL(page.url()).searchParams;
  const [from, to] = [query.get("from"), query.get("to")];
  return from === null || to === null ? null : { from: Date.parse(from) / 1000, until: Date.parse(to) / 1000 };
}

async function plotBox() {
  return (await page.locator(".charts > .lane").boundingBox())!;
}

/** From one share of the plot's width to another, on the chart of errors. */
async function drag(from: number, to: number): Promise<void> {
  const box = await plotBox();
  await page.mouse.move(box.x + box.width * from, box.y + 200);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * ((from + to) / 2), box.y + 205, { steps: 4 });
  await page.mouse.move(box.x + box.width * to, box.y + 210, { steps: 4 });
  await page.mouse.up();
}

test("a span is dragged on a chart, stays in the address through a reload, and Escape leads back", async () => {
  await open();
  const before = await axis();
  await drag(0.4, 0.6);

  await page.getByText(/^The charts show/).waitFor();
  const zoom = zoomed()!;
  expect(Math.abs(zoom.from - (before.from + 360))).toBeLessThan(12);
  expect(Math.abs(zoom.until - (before.from + 540))).toBeLessThan(12);
  expect(await axis()).toEqual(zoom);
  await page.getByText("one point is 1 s", { exact: true }).waitFor();

  await page.reload();
  await page.getByText(/^The charts show/).waitFor({ timeout: 20_000 });
  expect(await axis()).toEqual(zoom);

  await page.keyboard.press("Escape");
  await page.getByText(/^The charts show/).waitFor({ state: "detached" });
  expect(zoomed()).toBeNull();
  await drag(0.2, 0.4);
  await page.getByText(/^The charts show/).waitFor();
  const box = await plotBox();
  await page.mouse.dblclick(box.x + box.width / 2, box.y + 200);
  await page.getByText(/^The charts show/).waitFor({ state: "detached" });
});

test("a span is chosen with the keyboard, and Escape leaves one thing after the other", async () => {
  await open();
  await slider().focus();
  await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Shift+ArrowLeft");
  await expect.poll(() => slider().getAttribute("aria-valuetext")).toMatch(/A span is being chosen/);
  await page.keyboard.press("Escape");
  await expect.poll(() => slider().getAttribute("aria-valuetext")).not.toMatch(/A span is being chosen/);
  expect(zoomed()).toBeNull();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Enter");
  await page.getByText(/^The charts show/).waitFor();
  const { from, until: end } = zoomed()!;
  expect(end - from).toBeGreaterThanOrEqual(115);
  expect(end - from).toBeLessThanOrEqual(127);
});

test("a span is dragged with a finger", async () => {
  await page.setViewportSize({ width: 375, height: 812 });
  await open();
  const box = await plotBox();
  const chrome = await context.newCDPSession(page);
  const at = (share: number) => [{ x: box.x + box.width * share, y: box.y + 120 }];
  await chrome.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: at(0.3) });
  for (const share of [0.35, 0.4, 0.5, 0.6, 0.7]) {
    await chrome.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: at(share) });
  }
  await chrome.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await page.getByText(/^The charts show/).waitFor();
  const { from, until: end } = zoomed()!;
  expect(Math.abs(end - from - 360)).toBeLessThan(30);
});

test("paused, the charts stand still; back to live nothing is missing and nothing is there twice", async () => {
  await open();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("Paused", { exact: true }).waitFor();
  const still = await axis();
  expect(new URL(page.url()).searchParams.get("paused")).not.toBeNull();
  // Ten seconds of traffic later, by the server's own clock
  await until("traffic to go on", 60_000, async () => {
    const { items } = await seconds(still.until, still.until + 600);
    return items.length >= 10 ? true : undefined;
  });
  expect(await axis()).toEqual(still);

  await page.getByRole("button", { name: "Back to live" }).click();
  await until("the axis to go on", 10_000, async () => ((await axis()).until >= still.until + 10 ? true : undefined));
  expect(new URL(page.url()).searchParams.get("paused")).toBeNull();

  // Each second around the pause is the server's, once: zoomed into without a reload, so that it is what the page has put together
  const { from, until: end } = await axis();
  const share = (at: number) => (at - from) / (end - from);
  await drag(share(still.until - 20), share(still.until + 8));
  await page.getByText("one point is 1 s", { exact: true }).waitFor();
  const zoom = zoomed()!;
  expect(zoom.from).toBeLessThan(still.until);
  expect(zoom.until).toBeGreaterThan(still.until + 5);
  expect(await hasRows(await closed(zoom))).toBe(true);
});

test("live seconds, zoomed into after they were heard, are the server's", async () => {
  await open();
  const { until: begin } = await axis();
  await until("fifteen more seconds", 60_000, async () => ((await axis()).until >= begin + 15 ? true : undefined));
  // Without a reload: what is shown is what was heard
  const { from, until: end } = await axis();
  const share = (at: number) => (at - from) / (end - from);
  await drag(share(begin - 60), share(begin + 8));
  await page.getByText("one point is 1 s", { exact: true }).waitFor();
  expect(await hasRows(await closed(zoomed()!))).toBe(true);
});

function iso(second: number): string {
  return `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
}

function seconds(from: number, to: number): Promise<Page<WindowItem>> {
  return server.get<Page<WindowItem>>(
    `/v1/services/checkout/windows?from=${iso(from)}&to=${iso(to)}&step=1&limit=1000`,
  );
}

/** What the server has of a span once all of it has closed. */
async function closed(span: { from: number; until: number }): Promise<readonly WindowItem[]> {
  return await until("its seconds to close", 20_000, async () => {
    const { items } = await seconds(span.from, span.until);
    return items.every((item) => !item.provisional) ? items : undefined;
  });
}

/** Whether the page's table comes to have exactly these seconds with requests, with their counts, p95 and times. */
async function hasRows(windows: readonly WindowItem[]): Promise<boolean> {
  await page.getByText("As a table").click();
  const wanted = windows.map((window) => [window.window_start.slice(11, 19), window.request_count]);
  return await until("the table to have what the server has", 20_000, async () => {
    const rows: string[][] = await page
      .locator("details tbody tr")
      .evaluateAll((all) =>
        all.map((row) => [...row.querySelectorAll("th, td")].map((cell) => cell.textContent ?? "")),
      );
    const told = rows
      .map(([time, rate]) => [time!.slice(11, 19), Math.round(Number(rate))] as const)
      .filter(([, count]) => count > 0)
      .toReversed();
    if (JSON.stringify(told) === JSON.stringify(wanted)) return true;
    throw new Error(`the page has ${JSON.stringify(told)}, the server ${JSON.stringify(wanted)}`);
  });
}

test("what happened is told on the charts: onset, end and release, silence as a gap, late requests", async () => {
  const at = (minute: number) => iso(Math.floor(traffic.begin_ms / 1000) + minute * 60);
  const lane = page.locator(".charts > .lane");
  const told = (text: string | RegExp) => lane.getByText(text).first().waitFor({ timeout: 20_000 });

  await open(`?from=${at(5)}&to=${at(12)}`);
  await told(/^no data (1 min|59 s)$/);
  await page
    .getByTitle(/revised by late requests/)
    .first()
    .waitFor({ timeout: 20_000 });
  await expect.poll(() => page.locator(".plot i.gap").count()).toBe(3);

  await open(`?from=${at(14)}&to=${at(21)}`);
  for (const text of [/^onset \d\d:\d\d:\d\d$/, /^resolved \d\d:\d\d:\d\d$/, "release 24.3"]) await told(text);
  await page.getByText(/^version 24\.3 · \d+ endpoints · SLA 300 ms$/).waitFor();
  await expect.poll(() => page.locator("i.gap").count()).toBe(0);
});

test("latency is a heat map where it is wanted, in the address, and in the table", async () => {
  await open();
  await page.getByRole("button", { name: "Heat map" }).click();
  await page.waitForURL(/latency=heat/);
  await page.reload();
  await page.getByText("share of the requests", { exact: false }).waitFor({ timeout: 20_000 });
  const cells = async () =>
    (
      await page
        .locator('path[class*="shade-"]')
        .evaluateAll((paths) => paths.map((path) => path.getAttribute("d") ?? ""))
    )
      .join("")
      .split("M").length - 1;
  await until("its cells", 20_000, async () => ((await cells()) > 100 ? true : undefined));
  await page.getByText("As a table").click();
  const ranges = page.getByRole("columnheader", { name: /^from \d+ ms$/ });
  await until("a column for each range", 10_000, async () => ((await ranges.count()) > 4 ? true : undefined));
  await page.getByRole("button", { name: "Lines" }).click();
  await expect.poll(cells).toBe(0);
});

test("times are chosen, in the zone that is wanted, and links keep both", async () => {
  await open();
  await page.getByRole("button", { name: /^Time shown/ }).click();
  await page.keyboard.press("3");
  await page.waitForURL(/span=3h/);
  await page.getByText("one point is 1 min", { exact: true }).waitFor();

  await page.getByRole("button", { name: /^Time zone/ }).click();
  await page.getByRole("dialog", { name: "Time zone" }).getByRole("button", { name: /Local/ }).click();
  await page.waitForURL(/tz=local/);
  await page.getByRole("button", { name: "Time zone: Local (UTC+5:30)" }).waitFor();
  const now = page.locator(".axis .end");
  await until("the axis in local time", 5000, async () => {
    const local = new Date((await axis()).until * 1000 + 5.5 * 3_600_000).toISOString().slice(11, 19);
    return (await now.textContent()) === local ? true : undefined;
  });

  await page.getByRole("button", { name: /^Time shown/ }).click();
  const picker = page.getByRole("dialog", { name: "Time shown" });
  const wall = (minute: number) =>
    new Date(traffic.begin_ms + minute * MINUTE_MS + 5.5 * 3_600_000).toISOString().slice(0, 19);
  await picker.getByLabel("From").fill(wall(20));
  await picker.getByLabel("To").fill(wall(10));
  await picker.getByText(/must be at least/).waitFor();
  await picker.getByLabel("From").fill(wall(5));
  await picker.getByRole("button", { name: "Show" }).click();
  await page.getByText(/^The charts show/).waitFor();
  const { from, until: end } = zoomed()!;
  expect([from, end].map((at) => at - Math.floor(traffic.begin_ms / 1000))).toEqual([300, 600]);

  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Fleet" }).click();
  await page.waitForURL(/\/\?.*tz=local/);
  expect(new URL(page.url()).searchParams.get("from")).not.toBeNull();
});

test("a time without data says so and leads on", async () => {
  await open();
  const long_ago = Math.floor(traffic.begin_ms / 1000) - 7200;
  await page.goto(`${server.url}/services/checkout?from=${iso(long_ago)}&to=${iso(long_ago + 600)}`);
  await page.getByText(/No data of this time/).waitFor({ timeout: 20_000 });
  await page.getByRole("button", { name: "Back to live" }).first().click();
  await page.getByText(/No data of this time/).waitFor({ state: "detached" });
  expect(zoomed()).toBeNull();
});

test.each([
  ["light", 1440, ""],
  ["dark", 1440, "?latency=heat"],
  ["light", 375, "?latency=heat"],
  ["dark", 375, "?tz=local"],
] as const)("nothing is wrong for anybody: %s, %i px %s", async (colorScheme, width, query) => {
  // A short span: a table of hundreds of rows is the same to axe, and takes it minutes.
  const end = Math.floor(traffic.begin_ms / 1000) + 20 * 60;
  const short = `from=${iso(end - 60)}&to=${iso(end)}`;
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width, height: 900 });
  await open(query === "" ? `?${short}` : `${query}&${short}`);
  await page.getByText("As a table").click();
  expect(await violations(page)).toEqual([]);
  expect(await overflow(page)).toBe(0);
  await open(query);
  await page.getByRole("button", { name: /^Time shown/ }).click();
  await page.getByRole("dialog", { name: "Time shown" }).waitFor();
  expect(await violations(page)).toEqual([]);
  expect(await overflow(page)).toBe(0);
});
