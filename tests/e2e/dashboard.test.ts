/** An error surge on its way from Kafka to an incident on a page that is open, without a reload. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Incident } from "../../domain/incident.ts";
import type { Page } from "../../domain/resource.ts";
import { NO_FAULTS, scheduleOf } from "../../generator/fault.ts";
import { servicesOf } from "../../generator/services.ts";
import { eventsBetween, type StreamOptions } from "../../generator/stream.ts";
import { startBridge } from "./bridge.ts";
import { openBrowser } from "./browser.ts";
import { FaultlineServer } from "./faultline-server.ts";
import { TestKafka } from "./kafka.ts";
import { violations, watchErrors } from "./page-checks.ts";
import { type ProcessGroup, until } from "./process-group.ts";
import { required } from "./real-parts.ts";

const server = new FaultlineServer();
const kafka = new TestKafka(required("KAFKA_BROKERS"));
let bridge: ProcessGroup | undefined;
let browser: Browser | undefined;

beforeAll(async () => {
  await Promise.all([server.start(), kafka.createTopics(3)]);
  bridge = await startBridge(server, kafka);
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await bridge?.end();
  await server.stop();
  await kafka.close();
});

/** Produces events as they happen, until told to stop. */
class LiveTraffic {
  #sent_ms: number;
  #options: StreamOptions;
  readonly #timer: NodeJS.Timeout;
  #sending: Promise<void> = Promise.resolve();

  constructor(from_ms: number) {
    // Counted from the start, so that each run draws the same health; under this seed the plain rules find nothing in it.
    this.#options = { seed: 1, services: servicesOf(3), rate: 150, faults: NO_FAULTS, origin_ms: from_ms };
    this.#sent_ms = from_ms;
    this.#timer = setInterval(() => {
      this.#sending = this.#sending.then(() => this.#send());
    }, 100);
  }

  break(): void {
    this.#options = {
      ...this.#options,
      faults: scheduleOf([
        {
          kind: "errors",
          service: "checkout",
          endpoint: "/cart/pay",
          share: 0.9,
          from_ms: Date.now(),
          to_ms: Infinity,
        },
      ]),
    };
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sending;
  }

  async #send(): Promise<void> {
    const to_ms = Date.now();
    const events = [...eventsBetween(this.#options, this.#sent_ms, to_ms)];
    this.#sent_ms = to_ms;
    if (events.length > 0)
      await kafka.produce(events.map((event) => ({ key: event.service, value: JSON.stringify(event) })));
  }
}

test("an error surge appears as one incident on the open page", async () => {
  // Given ten minutes of health, and a page that shows it
  const traffic = new LiveTraffic(Date.now() - 600_000);
  const context = await browser!.newContext({ viewport: { width: 1440, height: 1000 } });
  const page = await context.newPage();
  const errors = watchErrors(page);
  try {
    await page.goto(await server.link());
    await page.getByRole("link", { name: "checkout" }).first().waitFor({ timeout: 30_000 });
    let loads = 0;
    page.on("load", () => (loads += 1));
    await until("health", 30_000, async () =>
      (await server.get<{ learning: boolean }>("/v1/services/checkout")).learning ? undefined : true,
    );
    await expect.poll(() => page.getByText(/is failing/).count()).toBe(0);
    expect(await violations(page)).toEqual([]);
    // When nine of ten requests to one endpoint fail
    traffic.break();
    // Then the page says so, and where, without a reload
    await page
      .getByText(/checkout\s+is failing/)
      .first()
      .waitFor({ timeout: 45_000 });
    await page
      .getByText(/\/cart\/pay/)
      .first()
      .waitFor({ timeout: 10_000 });
    expect(loads).toBe(0);
    const { items } = await until("the incident in history", 30_000, async () => {
      const found = await server.get<Page<Incident>>("/v1/incidents?service=checkout");
      return found.items.length > 0 ? found : undefined;
    });
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      status: "open",
      metric_name: "error_rate",
      endpoint: "/cart/pay",
      historical: false,
    });
    // And the service's page, opened from there, moves with the stream
    await page.getByRole("link", { name: "checkout" }).first().click();
    await page.waitForURL(/\/services\/checkout/);
    await page
      .getByText(/checkout\s+is failing/)
      .first()
      .waitFor({ timeout: 10_000 });
    expect(await violations(page)).toEqual([]);
    expect(errors).toEqual([]);
  } finally {
    await traffic.stop();
    await context.close();
  }
});
