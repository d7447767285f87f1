/** The page of an incident in a real browser: its words, what they rest on, what can be done, and who may read it. */
import type { Browser, BrowserContext, Page as BrowserPage } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Incident } from "../../domain/incident.ts";
import type { Narrative } from "../../domain/narrative.ts";
import type { Page, ServiceItem } from "../../domain/resource.ts";
import { scheduleOf } from "../../generator/fault.ts";
import { servicesOf, type ServiceProfile } from "../../generator/services.ts";
import { eventsBetween, type StreamOptions } from "../../generator/stream.ts";
import { openBrowser } from "./browser.ts";
import { FaultlineServer } from "./faultline-server.ts";
import { HeldOllama, MODEL } from "./held-ollama.ts";
import { ingest } from "./ingest.ts";
import { cutShort, overflow, violations, watchErrors } from "./page-checks.ts";
import { until } from "./process-group.ts";
import { signIn } from "./signed-in.ts";

/** An endpoint named like markup that would tell on itself if it ever became some. */
const HOSTILE = `/x"><img src=x onerror="document.title='broken'">`;
const HOSTILE_SERVICE: ServiceProfile = {
  service: "shop",
  version: "1.0.0",
  endpoints: [
    { endpoint: HOSTILE, share: 0.5, latency_ms_mean: 100 },
    { endpoint: "/calm", share: 0.5, latency_ms_mean: 100 },
  ],
};
/** Nothing happens to it. */
const QUIET_SERVICE: ServiceProfile = {
  service: "gateway",
  version: "1.0.0",
  endpoints: [{ endpoint: "/in", share: 1, latency_ms_mean: 20 }],
};
/** Checkout and payments among them: payments goes wrong first. */
const SERVICES = [...servicesOf(2), HOSTILE_SERVICE, QUIET_SERVICE];
const WORDS = "Requests to checkout fail.";

const ollama = new HeldOllama();
let server: FaultlineServer;
let browser: Browser | undefined;
let context: BrowserContext;
let page: BrowserPage;
let errors: string[];
let checkout: Incident;
let shop: Incident;
let stream: StreamOptions;
/** Up to when the stream was sent, epoch ms. */
let sent_ms: number;

beforeAll(async () => {
  // A model may take its time: how long this one does, the tests decide.
  const patient = { OLLAMA_TIMEOUT_MS: "600000" };
  server = new FaultlineServer({ OLLAMA_URL: await ollama.start(), OLLAMA_MODEL: MODEL, ...patient });
  await server.start();
  browser = await openBrowser();
  // Given ten minutes of health, then half a minute in which one endpoint of each service fails, up to now; payments is slow since
  // before that, and known to be when the others fail
  const now_ms = Date.now();
  const origin_ms = now_ms - 630_000;
  const failing = (service: string, endpoint: string) =>
    ({ kind: "errors", service, endpoint, share: 0.9, from_ms: now_ms - 30_000, to_ms: Infinity }) as const;
  const slow = { kind: "latency", service: "payments", endpoint: null, factor: 6, to_ms: Infinity } as const;
  const faults = scheduleOf([
    failing("checkout", "/cart/pay"),
    failing("shop", HOSTILE),
    { ...slow, from_ms: now_ms - 60_000 },
  ]);
  stream = { seed: 1, services: SERVICES, rate: 80, faults, origin_ms };
  sent_ms = now_ms - 32_000;
  await ingest(server, [...eventsBetween(stream, origin_ms, sent_ms)]);
  await until("the fleet to hear of payments", 30_000, async () => {
    const { items } = await server.get<Page<ServiceItem>>("/v1/services");
    return items.find(({ service }) => service === "payments")?.status === "healthy" ? undefined : true;
  });
  // Two are written of at a time: payments is not to keep the others waiting.
  await until("payments to be asked for", 30_000, () => (isAsked("payments") ? true : undefined));
  ollama.answer((service) => `Requests to ${service} are slow.`);
  await goOn(now_ms);
  [checkout, shop] = await Promise.all([openIncident("checkout"), openIncident("shop")]);
  await until("both to be asked for", 30_000, () => (isAsked("checkout") && isAsked("shop") ? true : undefined));
});

afterAll(async () => {
  await browser?.close();
  await server.stop();
  await ollama.stop();
});

beforeEach(async () => {
  context = await browser!.newContext({ viewport: { width: 1440, height: 1000 }, colorScheme: "light" });
  page = await context.newPage();
  errors = watchErrors(page);
});

afterEach(() => context.close());

const isAsked = (service: string) => ollama.waiting.includes(service);

/** Sends the stream up to that moment. */
async function goOn(until_ms: number): Promise<void> {
  const from_ms = sent_ms;
  sent_ms = until_ms;
  await ingest(server, [...eventsBetween(stream, from_ms, until_ms)]);
}

function openIncident(service: string): Promise<Incident> {
  return until(`the incident of ${service}`, 30_000, async () => {
    const { items } = await server.get<Page<Incident>>(`/v1/incidents?service=${service}&status=open`);
    return items[0];
  });
}

const addressOf = (incident: Incident) => `${server.url}/incidents/${incident.id}`;

/** Opens an incident's page as an administrator. */
async function open(incident: Incident): Promise<void> {
  await signIn(page.context(), server, "admin");
  await page.goto(addressOf(incident));
  await page.getByRole("heading", { name: "Possible causes" }).waitFor({ timeout: 20_000 });
}

test("a link to an incident opens it after sign-in", async () => {
  await page.goto(addressOf(checkout));
  await page.getByRole("heading", { name: "You are not signed in." }).waitFor();
  await page.goto(await server.link());

  await page.getByRole("heading", { name: /checkout is failing/ }).waitFor({ timeout: 20_000 });
  expect(page.url()).toBe(addressOf(checkout));
});

test("what is wrong, since when, who is affected and what is not, stand on one page", async () => {
  await open(checkout);

  await page.getByRole("heading", { name: /checkout is failing: \d+\s% errors, normally/ }).waitFor();
  const main = page.getByRole("main");
  for (const text of [/^critical$/, /^open for /, /requests failed, about/, "Excess share", /Traffic is as usual/]) {
    await main.getByText(text).first().waitFor();
  }
  // What the endpoint carries is one number, wherever it is told as it is now.
  const carried = async () => {
    const sentence = await page.getByRole("heading", { level: 1 }).innerText();
    const shown = await page.locator(".proof .percent").first().innerText();
    return [/carries (\d+)/.exec(sentence)?.[1], /\d+/.exec(shown)?.[0]].join(" and ");
  };
  await expect.poll(carried).toMatch(/^(\d+) and \1$/);
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Incidents 3 open" }).waitFor();
  // And what it did not touch, in a small chart of its own.
  await main.getByText("Not affected", { exact: true }).waitFor();
  const quiet = main.getByRole("listitem").filter({ has: page.getByRole("link", { name: "gateway" }) });
  await quiet.getByText(/^\d+ ms p95$/).waitFor({ timeout: 20_000 });
  await expect.poll(() => quiet.locator("svg path.line").getAttribute("d")).toMatch(/^M.+L/);
  await expect.poll(() => main.getByRole("link", { name: "shop", exact: true }).count()).toBe(0);
  // Nor the endpoints of its own that do what they always do.
  const calm = main.getByRole("listitem").filter({ hasText: "/cart/items" }).filter({ hasText: "normally" });
  await calm.getByText(/^\d+\.\d % errors$/).waitFor();
  const timeline = page.getByRole("region", { name: "Timeline" });
  await expect.poll(() => timeline.getByText("Onset", { exact: true }).isVisible()).toBe(true);
  await expect.poll(() => timeline.getByText(/^Told as critical, \d+ s after the onset$/).isVisible()).toBe(true);
  await expect
    .poll(() => page.getByRole("slider", { name: "Moment in the time of the incident" }).isVisible())
    .toBe(true);
  // At 720 px, which is a desk at twice the size, the sentence has the page's width and no name of what is not affected is cut.
  await page.setViewportSize({ width: 720, height: 1000 });
  await expect
    .poll(() => page.getByRole("heading", { level: 1 }).evaluate((h1) => h1.clientWidth))
    .toBeGreaterThan(500);
  expect([await cutShort(main.getByRole("listitem").locator(".ident")), await overflow(page)]).toEqual([[], 0]);
  await page.setViewportSize({ width: 1440, height: 1000 });
  await main.getByText("As a table").click();
  const rows = main.getByRole("table").getByRole("row");
  await expect.poll(() => rows.count()).toBeGreaterThan(20);
  expect(errors).toEqual([]);
});

test("the service that went wrong first has its chart on the same axis, live, in the table, and tied to what is said of it", async () => {
  const sockets: string[] = [];
  page.on("websocket", (socket) => sockets.push(new URL(socket.url()).pathname));
  await open(checkout);
  const payments = await openIncident("payments");
  const main = page.getByRole("main");
  const chart = main.getByRole("region", { name: "payments p95" });
  await chart.waitFor({ timeout: 20_000 });

  // Its figure with what is normal for it, its line beyond that, and its onset through all charts.
  await chart.getByText(/^normally \d+ to \d+$/).waitFor({ timeout: 20_000 });
  await expect.poll(() => chart.locator(`svg path.line.outside.${payments.severity}`).count()).toBeGreaterThan(0);
  const began = new Date(Math.floor(Date.parse(payments.onset_at) / 1000) * 1000).toISOString().slice(11, 19);
  await main.getByText(`payments ${began}`, { exact: true }).waitFor();
  for (const name of ["Requests", "Errors", "Latency", "payments p95"])
    await expect.poll(() => main.getByRole("region", { name }).locator("i.neighbour").count()).toBe(1);

  // It goes along with what comes, by a socket of its own, and the top bar speaks of the page's service.
  await goOn(Date.now());
  const figure = chart.getByTitle(/^95 of 100 requests/);
  await expect.poll(() => figure.textContent(), { timeout: 20_000 }).toMatch(/^[1-9][\d,]+ ?ms$/);
  const tails = (path: string) => sockets.filter((socket) => socket === `/v1/services/${path}/live`).length;
  await expect.poll(() => [tails("checkout"), tails("payments")]).toEqual([1, 1]);
  await expect.poll(() => page.getByText("Live", { exact: true }).isVisible()).toBe(true);

  // The moment that is asked for is asked of all charts, and the table tells the same.
  const slider = page.getByRole("slider", { name: "Moment in the time of the incident" });
  await slider.focus();
  for (let press = 0; press < 5; press += 1) await page.keyboard.press("ArrowLeft");
  await expect.poll(() => slider.getAttribute("aria-valuetext")).toMatch(/, p95 [\d,]+ ms, payments p95 [\d,]+ ms/);
  const lines = main.locator("section.metric i.line");
  await expect.poll(() => lines.count()).toBe(4);
  expect(new Set(await lines.evaluateAll((all) => all.map((line) => line.getBoundingClientRect().x))).size).toBe(1);
  await main.getByText("As a table").click();
  await main.getByRole("columnheader", { name: "payments p95 ms" }).waitFor();

  // The number beside it leads to the sentence that rests on it, which marks it in turn, and its name to its incident.
  const number = chart.getByRole("button", { name: /^Evidence \d+$/ });
  const words = (await number.textContent())!;
  await number.click();
  await page
    .getByRole("tooltip")
    .getByText(/payments became slow at/)
    .waitFor();
  await expect.poll(() => page.locator(":focus").textContent()).toBe(words);
  await expect.poll(() => number.getAttribute("class")).toContain("read");
  expect(await violations(page)).toEqual([]);
  await chart.getByRole("link", { name: "payments" }).click();
  await page.waitForURL(addressOf(payments));
  expect(errors).toEqual([]);
});

test("each statement shows its facts to the pointer and to the keyboard, and Escape closes them", async () => {
  await open(checkout);
  const facts = page.getByRole("tooltip");
  const happened = page.getByRole("region", { name: "What happened" });

  await happened.getByRole("group").first().hover();
  await facts.getByText(/of requests failed/).waitFor();
  // The pointer can go into what it opened.
  await facts.hover();
  await expect.poll(() => facts.count()).toBe(1);
  await page.keyboard.press("Escape");
  await expect.poll(() => facts.count()).toBe(0);

  await page.mouse.move(0, 0);
  await page.getByRole("link", { name: "checkout now" }).focus();
  const chip = happened.getByRole("button", { name: "Evidence 1" }).first();
  await until("the first chip by the tab key", 5000, async () => {
    await page.keyboard.press("Tab");
    return (await chip.evaluate((element) => element.matches(":focus"))) ? true : undefined;
  });
  await facts.getByText(/of requests failed/).waitFor();
  await expect.poll(() => chip.getAttribute("aria-describedby")).toBe(await facts.getAttribute("id"));
  expect(await violations(page)).toEqual([]);
});

test("in local time the page says that the times within its words are UTC", async () => {
  const abroad = await browser!.newContext({ timezoneId: "Asia/Kolkata" });
  page = await abroad.newPage();
  await open(checkout);
  const note = page.getByText("Times within the text are UTC.");
  await expect.poll(() => note.count()).toBe(0);
  await page.goto(`${addressOf(checkout)}?tz=local`);
  await note.waitFor({ timeout: 20_000 });
  await abroad.close();
});

test("an endpoint named like markup is text wherever it stands", async () => {
  await open(shop);
  const quoted = page.getByText(HOSTILE, { exact: false });
  await expect.poll(() => quoted.count()).toBeGreaterThan(2);
  await expect.poll(() => page.locator("main img").count()).toBe(0);
  expect(await page.title()).not.toBe("broken");
  expect(errors).toEqual([]);
});

test.each([
  [1440, "light"],
  [1440, "dark"],
  [375, "light"],
] as const)("axe finds nothing at %i px, %s, and nothing is wider than the window", async (width, colorScheme) => {
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme });
  await open(checkout);
  expect(await violations(page)).toEqual([]);
  expect(await overflow(page)).toBe(0);
});

test("while the model writes the page says so, and its checked words come without a jump or a reload", async () => {
  await open(checkout);
  let loads = 0;
  page.on("load", () => (loads += 1));
  await page.getByText(new RegExp(`${MODEL} has been writing for`)).waitFor({ timeout: 20_000 });
  await expect.poll(() => page.getByText(WORDS).count()).toBe(0);
  const places = async () => {
    const charts = await page.getByRole("slider").boundingBox();
    const causes = await page.getByRole("heading", { name: "Possible causes" }).boundingBox();
    return [charts?.x, charts?.y, causes?.x, causes?.y];
  };
  const before = await places();

  // Words that somebody reads the facts of stay until they are done.
  await page.getByRole("region", { name: "What happened" }).getByRole("group").first().hover();
  await page.getByRole("tooltip").waitFor();
  ollama.answer((service) => `Requests to ${service} fail.`);
  const timeline = page.getByRole("region", { name: "Timeline" });
  await timeline.getByText(`Narrative by ${MODEL}, checked`).waitFor({ timeout: 20_000 });
  await expect.poll(() => page.getByText(WORDS).count()).toBe(0);
  await page.mouse.move(0, 0);

  await page.getByText(WORDS).waitFor({ timeout: 20_000 });
  await page.getByText(new RegExp(`Written by ${MODEL} in \\d`)).waitFor();
  expect(await places()).toEqual(before);
  expect(loads).toBe(0);
  const stored = await server.get<Narrative>(`/v1/incidents/${checkout.id}/narrative`);
  expect(stored.summary[0]?.text).toContain(WORDS);
  expect(errors).toEqual([]);
});

test("the template's words can be read beside the model's, and their address leads there", async () => {
  await open(checkout);
  await page.getByText(WORDS).waitFor({ timeout: 20_000 });
  const top = async () => (await page.getByRole("heading", { name: "Possible causes" }).boundingBox())?.y;
  const before = await top();

  await page.getByRole("button", { name: "Read the template’s version" }).click();
  await page.getByText(`Written from the template, at once; ${MODEL} has written since.`).waitFor();
  await expect.poll(() => page.getByText(WORDS).count()).toBe(0);
  expect(await top()).toBe(before);
  expect(page.url()).toBe(`${addressOf(checkout)}?words=template`);
  expect(await violations(page)).toEqual([]);
  await page.reload();

  await page.getByRole("button", { name: `Read the version of ${MODEL}` }).click({ timeout: 20_000 });
  await page.getByText(WORDS).waitFor();
  expect(page.url()).toBe(addressOf(checkout));
  expect(errors).toEqual([]);
});

test("the service's page tells the same words and leads to the incident", async () => {
  await signIn(context, server, "admin");
  await page.goto(`${server.url}/services/checkout`);
  await page.getByText(WORDS).waitFor({ timeout: 20_000 });
  expect(await violations(page)).toEqual([]);

  await page.getByRole("link", { name: "Open incident" }).click();
  await page.waitForURL(addressOf(checkout));
});

test("it is acknowledged, judged and resolved there, and the timeline tells each", async () => {
  await open(checkout);
  const timeline = page.getByRole("region", { name: "Timeline" });

  await page.getByRole("button", { name: "Acknowledge" }).click();
  await page
    .getByText(/^critical, acknowledged/)
    .first()
    .waitFor({ timeout: 20_000 });
  await timeline.getByText(/^Acknowledged/).waitFor();
  await expect.poll(() => page.getByRole("button", { name: "Acknowledge" }).count()).toBe(0);

  await page.getByRole("button", { name: "Useful" }).click();
  await timeline.getByText("Marked as useful").waitFor({ timeout: 20_000 });

  await page.getByRole("button", { name: "Resolve" }).click();
  await timeline.getByText("Resolved by hand").waitFor({ timeout: 20_000 });
  await page
    .getByText(/^lasted /)
    .first()
    .waitFor();
  // The figures beside the charts are none of now any more, and say so.
  for (const words of [/^on average, /, /^p95 at worst, /]) {
    await page.getByRole("main").getByText(words).first().waitFor();
  }
  expect(await violations(page)).toEqual([]);
  expect(errors).toEqual([]);
});

test("an incident that there is none of is called so", async () => {
  await signIn(context, server, "admin");
  await page.goto(`${server.url}/incidents/checkout-1-error_rate`);
  await page.getByRole("heading", { name: "There is no incident “checkout-1-error_rate”." }).waitFor();
  await page.goto(`${server.url}/incidents/nonsense`);
  await page.getByRole("heading", { name: "There is no incident “nonsense”." }).waitFor();
  // An address that can never be one is looked for nowhere.
  await expect.poll(() => page.getByText(/Connecting|Reconnecting|Stale|Live/).count()).toBe(0);
});
