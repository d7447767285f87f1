/** The script that a browser loads before the fleet page stands, signed in and with nothing in its cache. */
import { gzipSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { signedIn } from "./dashboard-page.ts";

/** A KB is 1,000 bytes. */
const KB = 1000;
/** Issue 14, point 11. */
const SCRIPT_KB_MAX = 200;

export async function measureFirstLoad(browser: Browser, url: string): Promise<Readonly<Record<string, number>>> {
  const context = await signedIn(browser, url, 1000);
  try {
    const page = await context.newPage();
    const scripts = new Map<string, Promise<Buffer>>();
    page.on("response", (response) => {
      // By what it is, not by who asked: what is only preloaded is loaded too.
      if (/javascript/.test(response.headers()["content-type"] ?? "")) scripts.set(response.url(), response.body());
    });
    await page.goto(url);
    await page.locator('[data-key="row"]').first().waitFor({ timeout: 30_000 });
    await page.waitForLoadState("networkidle");
    const bodies = await Promise.all(scripts.values());
    const sum = (size: (body: Buffer) => number) => bodies.reduce((total, body) => total + size(body), 0) / KB;
    if (bodies.length === 0) throw new Error("the browser loaded no script at all");
    return {
      files: bodies.length,
      script_kb: round(sum((body) => body.length)),
      gzip_kb: round(sum((body) => gzipSync(body).length)),
      limit_kb: SCRIPT_KB_MAX,
    };
  } finally {
    await context.close();
  }
}

function round(value: number): number {
  return Number(value.toFixed(1));
}
