/** From the navigation to a fleet page that shows its first row and answers a key, with nothing in the browser's cache. */
import type { Browser, Page } from "playwright-core";
import { quantileOf } from "../support/quantile.ts";
import { signedIn } from "./dashboard-page.ts";

const ROUNDS = 5;
const LIMIT_MS = 1000;

interface Times {
  readonly shown_ms: number;
  readonly answered_ms: number;
}

export async function measureInteractive(browser: Browser, url: string): Promise<Readonly<Record<string, number>>> {
  const rounds: (Times & { readonly reference_ms: number })[] = [];
  // The first of both finds a server and a browser that have done nothing yet; it is not counted.
  for (let round = 0; round <= ROUNDS; round += 1) {
    // A file of the same server, in turns, so that a change of the machine's speed meets both.
    const reference_ms = await inNewPage(browser, url, async (page) => {
      const began = performance.now();
      await page.goto(`${url}/favicon.svg`);
      return performance.now() - began;
    });
    const times = await inNewPage(browser, url, (page) => timesOf(page, url));
    if (round > 0) rounds.push({ ...times, reference_ms });
  }
  const median = (pick: (times: (typeof rounds)[number]) => number) =>
    Math.round(
      quantileOf(
        rounds.map(pick).toSorted((a, b) => a - b),
        0.5,
      ),
    );
  return {
    rounds: ROUNDS,
    first_row_ms: median(({ shown_ms }) => shown_ms),
    key_answered_ms: median(({ answered_ms }) => answered_ms),
    limit_ms: LIMIT_MS,
    reference_ms: median(({ reference_ms }) => reference_ms),
  };
}

async function timesOf(page: Page, url: string): Promise<Times> {
  const began = performance.now();
  await page.goto(url, { waitUntil: "commit" });
  await page.locator('[data-key="row"]').first().waitFor({ timeout: 30_000 });
  const shown_ms = performance.now() - began;
  await page.keyboard.press("/");
  await page.waitForFunction("document.activeElement?.dataset.key === 'search'", undefined, { timeout: 10_000 });
  return { shown_ms, answered_ms: performance.now() - began };
}

async function inNewPage<T>(browser: Browser, url: string, measure: (page: Page) => Promise<T>): Promise<T> {
  const context = await signedIn(browser, url, 1000);
  try {
    return await measure(await context.newPage());
  } finally {
    await context.close();
  }
}
