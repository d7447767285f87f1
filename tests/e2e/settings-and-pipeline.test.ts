/** Settings changed and the pipeline looked at in a real browser: tried before they are saved, in force after, and by whom. */
import type { Browser, BrowserContext, Page as BrowserPage } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Incident } from "../../domain/incident.ts";
import type { PipelineReading } from "../../domain/pipeline-reading.ts";
import type { Page, ServiceSettingsItem, SettingsVersion } from "../../domain/resource.ts";
import { scheduleOf } from "../../generator/fault.ts";
import { servicesOf } from "../../generator/services.ts";
import { eventsBetween, type StreamOptions } from "../../generator/stream.ts";
import { formatNumber } from "../../web/src/lib/format/number.ts";
import { openBrowser } from "./browser.ts";
import { FaultlineServer, TOKENS } from "./faultline-server.ts";
import { ingest } from "./ingest.ts";
import { overflow, violations, watchErrors } from "./page-checks.ts";
import { until } from "./process-group.ts";
import { signIn } from "./signed-in.ts";

const MINUTE_MS = 60_000;
const server = new FaultlineServer();
let browser: Browser | undefined;
let context: BrowserContext;
let page: BrowserPage;
let errors: string[];

beforeAll(async () => {
  await server.start();
  browser = await openBrowser();
  // Given checkout failing at /cart/pay for two minutes, ten minutes after the first event
  const now_ms = Date.now();
  const origin_ms = now_ms - 20 * MINUTE_MS;
  const faults = scheduleOf([
    {
      kind: "errors",
      service: "checkout",
      endpoint: "/cart/pay",
      share: 0.9,
      from_ms: now_ms - 9 * MINUTE_MS,
      to_ms: now_ms - 7 * MINUTE_MS,
    },
  ]);
  const stream: StreamOptions = { seed: 1, services: servicesOf(3), rate: 100, faults, origin_ms };
  await ingest(server, [...eventsBetween(stream, origin_ms, now_ms)]);
  await until("its incident in history", 60_000, async () => {
    const { items } = await server.get<Page<Incident>>("/v1/incidents");
    return items.some(({ service, status }) => service === "checkout" && status === "resolved") ? true : undefined;
  });
});

afterAll(async () => {
  await browser?.close();
  await server.stop();
});

beforeEach(async () => {
  context = await browser!.newContext({ viewport: { width: 1440, height: 1000 } });
  page = await context.newPage();
  errors = watchErrors(page);
});

afterEach(() => context.close());

async function open(path: string): Promise<void> {
  await page.goto(`${server.url}${path}`);
  await page.getByRole("heading", { level: 1 }).waitFor({ timeout: 20_000 });
}

const field = (name: string) => page.getByRole("group", { name, exact: false });

const stored = (): Promise<SettingsVersion> => server.get("/v1/settings");

/** Another administrator, by the API, whatever is there. */
async function store(document: unknown): Promise<void> {
  const headers = { Authorization: `Bearer ${TOKENS.ADMIN_TOKEN}` };
  const body = JSON.stringify(document);
  const answer = await fetch(`${server.url}/v1/settings`, { method: "PUT", headers, body });
  expect(answer.status).toBe(200);
}

async function send(path: string, body: unknown): Promise<void> {
  const headers = { Authorization: `Bearer ${TOKENS.INGEST_TOKEN}`, "Content-Type": "application/json" };
  const answer = await fetch(`${server.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  expect(answer.ok).toBe(true);
}

test("a change is tried on the service's own last day, then saved, and the service goes by it", async () => {
  await signIn(context, server, "admin");
  await open("/settings");
  await page.getByLabel("A service, or a pattern").fill("checkout");
  await page.getByRole("button", { name: "Choose" }).click();
  await page.getByRole("heading", { name: "Settings of checkout" }).waitFor();
  expect(new URL(page.url()).search).toBe("?for=checkout");

  await field("Not judged").getByRole("button", { name: "Set it here" }).click();
  await page.getByLabel("Not judged: endpoints").fill("/cart/pay\n");
  await page.getByText("Changed: Not judged. Nothing is saved yet.").waitFor();
  await page.getByRole("button", { name: "Try on the last 24 h" }).click();
  const tried = page.getByRole("region", { name: "Tried on checkout" });
  await tried.getByText("checkout would have had 1 incident fewer.").waitFor({ timeout: 30_000 });
  const row = tried.getByRole("row", { name: /^fewer/ });
  await expect.poll(() => row.innerText()).toMatch(/errors at \/cart\/pay[\s\S]*told after \d+ s[\s\S]*nothing/);
  // Nothing was changed by trying.
  expect(await stored()).toMatchObject({ version: 0 });
  expect(await violations(page)).toEqual([]);

  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Version 1 is saved, and checkout goes by it.").waitFor({ timeout: 20_000 });
  expect(await stored()).toMatchObject({
    version: 1,
    document: { services: [{ match: "checkout", exclude: { endpoints: ["/cart/pay"] } }] },
    changed_by: "admin by cookie",
  });
  const { settings } = await server.get<ServiceSettingsItem>("/v1/services/checkout/settings");
  expect(settings.exclude).toEqual({ endpoints: ["/cart/pay"] });
  await page.getByText("checkout: Not judged /cart/pay, was not set here").waitFor();
  expect(errors).toEqual([]);
});

test("what cannot be is told beside its field, and cannot be saved", async () => {
  await signIn(context, server, "admin");
  await open("/settings?for=search");
  const { version } = await stored();
  await field("Sensitivity").getByRole("button", { name: "Set it here" }).click();
  const input = page.getByRole("textbox", { name: "Sensitivity" });
  await input.fill("100");
  await field("Sensitivity")
    .getByText("It must be a number of false alarms a day, from 0.0001 to 10, not 100.")
    .waitFor();
  await expect.poll(() => input.getAttribute("aria-invalid")).toBe("true");
  await page.getByText("What is marked above has to be put right first.").waitFor();
  // It can be reached and pressed, and says why it does nothing.
  await page.getByRole("button", { name: "Save" }).press("Enter");
  // A number that needs several keys to be one can be typed.
  await input.fill("");
  await input.pressSequentially("0.05");
  await expect.poll(() => input.inputValue()).toBe("0.05");
  await page.getByText("Changed: Sensitivity. Nothing is saved yet.").waitFor();
  expect(await stored()).toMatchObject({ version });
  expect(errors).toEqual([]);
});

test("of two who change the same, the later one is told, loses nothing, and decides", async () => {
  await store({ services: [{ match: "payments", sla_ms: 400 }] });
  await signIn(context, server, "admin");
  await open("/settings?for=payments");
  const promised = page.getByRole("textbox", { name: "Latency promised", exact: true });
  await promised.fill("700");
  await store({ services: [{ match: "payments", sla_ms: 500, owner: "team pay" }] });
  const { version } = await stored();

  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(`Version ${version} was saved meanwhile, by admin by token.`).waitFor();
  expect(await stored()).toMatchObject({ version });
  await page.getByRole("button", { name: "Bring it in" }).click();
  await page.getByText("Changed meanwhile to 500 ms. Saving keeps yours.").waitFor();
  await expect.poll(() => promised.inputValue()).toBe("700");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(`Version ${version + 1} is saved`).waitFor();
  const { document } = await stored();
  expect(document.services).toEqual([{ match: "payments", sla_ms: 700, owner: "team pay" }]);
});

test("a viewer sees everything and is told why nothing can be changed", async () => {
  await store({ services: [{ match: "payments", sla_ms: 700 }] });
  await signIn(context, server, "viewer");
  await open("/settings?for=payments");
  await page.getByText("You can look, not change.").waitFor();
  await field("Latency promised").first().getByText("700 ms", { exact: true }).waitFor();
  await expect.poll(() => page.getByRole("main").getByRole("textbox").count()).toBe(0);
  await expect.poll(() => page.getByRole("button", { name: /Save|Set it here|Try on/ }).count()).toBe(0);
  expect(await violations(page)).toEqual([]);
});

test("the pipeline tells of a bridge's heartbeat and of what was refused, each against what is normal", async () => {
  await send("/v1/bridge/heartbeat", { source: "default", instance: "bridge-1", lag: 212 });
  await signIn(context, server, "viewer");
  await open("/pipeline");
  const check = (name: string) => page.getByRole("row", { name: new RegExp(`^${name}`) });
  await check("bridge-1").getByText("212").waitFor();
  await check("Lag").getByText("up and down, not growing on and on").waitFor();
  await check("Rejected")
    .getByRole("cell", { name: /^0\s\/min$/ })
    .waitFor();

  await send("/v1/ingest", [{ service: "checkout", endpoint: "/<b>pay</b>", latency_ms: -1, status_code: 200 }]);
  await page
    .getByRole("heading", {
      name: /1 event was refused in the last 5 min, the newest because latency_ms must be a finite number from 0 to 3600000/,
    })
    .waitFor({ timeout: 15_000 });
  const refused = page.getByRole("region", { name: "Refused lately" });
  await refused.getByText("latency_ms must be a finite number from 0 to 3600000.").waitFor();
  // The text of an event is text.
  await page.getByText('"endpoint":"/<b>pay</b>"').waitFor();
  const reasons = page.getByRole("region", { name: "Rejected, by reason" });
  await reasons.getByText("1 in the last hour").waitFor();
  await reasons.getByRole("listitem").filter({ hasText: "latency_ms must be a finite number from 0" }).waitFor();

  // Silent for more than three beats, it is called so, with since when.
  await page.getByRole("heading", { name: /No bridge of default is heard. Since / }).waitFor({ timeout: 30_000 });
  expect(errors).toEqual([]);
});

test("the hour is there from the first moment, after a restart too, and the same for two who look", async () => {
  // Given a minute that is over, the one in which the file's events came or the next, and a refused event since
  const newest = async () => (await server.get<Page<PipelineReading>>("/v1/pipeline/readings")).items.at(-1);
  const reading = await until("a minute's reading", 90_000, newest);
  await send("/v1/ingest", [{ service: "checkout", endpoint: "/pay", latency_ms: -1, status_code: 200 }]);

  await signIn(context, server, "viewer");
  const other = await browser!.newContext({ viewport: { width: 1440, height: 1000 } });
  await signIn(other, server, "viewer");
  const second = await other.newPage();
  const rejected = (of: BrowserPage) => of.getByRole("row").filter({ hasText: /^\s*(medium\s*)?Rejected/ });
  const since = (of: BrowserPage) => rejected(of).locator("time").getAttribute("datetime");
  await open("/pipeline");
  const told = await since(page);
  expect(told).toMatch(/:00\.000Z$/);
  await second.goto(`${server.url}/pipeline`);
  await expect.poll(() => since(second)).toBe(told);
  await other.close();

  await server.kill();
  await server.start();
  await page.reload();
  await expect.poll(() => since(page)).toBe(told);
  // The line's numbers stand in the table too.
  await page.getByText("The last hour as a table").click();
  const table = page.getByRole("region", { name: "The last hour as a table" });
  const row = table.getByRole("row").filter({ has: page.locator(`time[datetime="${reading.minute}"]`) });
  const columns = await table.getByRole("columnheader").allInnerTexts();
  const cell = row.locator("th, td").nth(columns.indexOf("History outbox"));
  await expect.poll(() => cell.innerText()).toBe(formatNumber(reading.outbox?.["d1"] ?? null));
  expect(await violations(page)).toEqual([]);
});

test("what waits is drawn by partition where a bridge tells it, few or many, and stands in a table", async () => {
  const beat = (lags: readonly number[]) => {
    const partitions = lags.map((lag, partition) => ({ topic: "raw_events", partition, lag }));
    const lag = lags.reduce((sum, each) => sum + each, 0);
    return send("/v1/bridge/heartbeat", { source: "default", instance: "bridge-1", lag, partitions });
  };
  await send("/v1/bridge/heartbeat", { source: "older", instance: "bridge-2", lag: 7 });
  await beat([18, 22, 14, 19, 17, 25, 12, 16, 21, 15, 20, 13]);
  await signIn(context, server, "viewer");
  await open("/pipeline");
  const waiting = page.getByRole("region", { name: "Waiting, by partition" });
  await waiting.getByText("raw_events of default: 212 in 12 partitions, the most in partition 5: 25.").waitFor();
  const bars = waiting.locator("svg rect:has(+ rect > title)");
  const numbers = waiting.locator("[aria-hidden] span");
  await expect.poll(() => numbers.allInnerTexts()).toContain("25\n5");
  expect(await bars.count()).toBe(12);
  // The bridge that does not tell partitions is told of as before.
  await page.getByRole("region", { name: "Waiting, by group" }).getByText("older").waitFor();

  await waiting.getByText("The partitions as a table").click();
  const table = waiting.getByRole("region", { name: "The partitions as a table" });
  const cells = table.getByRole("row").nth(6).locator("th, td");
  await expect.poll(() => cells.allInnerTexts()).toEqual(["default", "raw_events", "5", "25"]);
  expect(await violations(page)).toEqual([]);

  await beat(Array.from({ length: 256 }, (_, partition) => (partition * 37) % 256));
  await page.setViewportSize({ width: 375, height: 900 });
  await waiting.getByText("Drawn are the 120 in which most waits; the table has all.").waitFor({ timeout: 15_000 });
  await expect.poll(() => numbers.count()).toBe(2);
  expect([await bars.count(), await table.getByRole("row").count()]).toEqual([120, 257]);
  expect(await overflow(page)).toBe(0);
  expect(errors).toEqual([]);
});

test("the keys lead to both pages", async () => {
  await signIn(context, server, "viewer");
  await open("/");
  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await page.waitForURL(/\/pipeline$/);
  await page.getByRole("link", { name: "Pipeline", exact: true }).and(page.locator('[aria-current="page"]')).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await page.waitForURL(/\/settings$/);
  expect(errors).toEqual([]);
});

test.each([
  ["/settings?for=checkout", 1440, "dark"],
  ["/settings?for=checkout", 375, "light"],
  ["/pipeline", 1440, "light"],
  ["/pipeline", 375, "dark"],
] as const)(
  "axe finds nothing on %s at %i px, %s, and nothing is wider than the window",
  async (path, width, scheme) => {
    await signIn(context, server, "admin");
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: scheme });
    await open(path);
    await page.getByRole("heading", { name: path === "/pipeline" ? "Checks" : "Changes" }).waitFor();
    const set = page.getByRole("button", { name: "Set it here" });
    while ((await set.count()) > 0) await set.first().click();
    expect(await violations(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
  },
);
