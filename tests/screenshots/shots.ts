/** Pictures of the dashboard's pages: at a desk, light and dark, and on a phone. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Browser, Page } from "playwright-core";
import type { FaultlineServer } from "../e2e/faultline-server.ts";

export interface Shot {
  readonly name: string;
  /** Where the page is, as in `/incidents`. */
  readonly path: string;
}

const LOOKS = [
  { name: "1440-light", width: 1440, colorScheme: "light" },
  { name: "1440-dark", width: 1440, colorScheme: "dark" },
  { name: "375-light", width: 375, colorScheme: "light" },
] as const;
type Look = (typeof LOOKS)[number];

const HEIGHT = 1000;
/** A longer page is cut: what is wrong with it can be seen by then. */
const HEIGHT_MAX = 6000;
/** After the last request: a tick of each socket, and what it draws. */
const SETTLED_MS = 1500;

/** Writes `NAME-WIDTH-SCHEME.png` of each page in each look. */
export async function takeShots(
  browser: Browser,
  server: FaultlineServer,
  shots: readonly Shot[],
  folder: string,
): Promise<readonly string[]> {
  mkdirSync(folder, { recursive: true });
  const files: string[] = [];
  for (const look of LOOKS) {
    await inLook(browser, server, look, async (page) => {
      for (const { name, path } of shots) {
        await show(page, `${server.url}${path}`);
        await stretch(page, look.width);
        const file = join(folder, `${name}-${look.name}.png`);
        await page.screenshot({ path: file });
        await page.setViewportSize({ width: look.width, height: HEIGHT });
        files.push(file);
      }
    });
  }
  return files;
}

/** Writes the top of each page, as a window shows it, to `folder`/NAME.png. */
export async function takeWindows(
  browser: Browser,
  server: FaultlineServer,
  shots: readonly Shot[],
  folder: string,
): Promise<readonly string[]> {
  const files: string[] = [];
  await inLook(browser, server, LOOKS[0], async (page) => {
    for (const { name, path } of shots) {
      await show(page, `${server.url}${path}`);
      files.push(join(folder, `${name}.png`));
      await page.screenshot({ path: join(folder, `${name}.png`) });
    }
  });
  return files;
}

async function inLook(
  browser: Browser,
  server: FaultlineServer,
  { width, colorScheme }: Look,
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({
    viewport: { width, height: HEIGHT },
    colorScheme,
    reducedMotion: "reduce",
  });
  try {
    const page = await context.newPage();
    await page.goto(await server.link());
    await page.getByRole("main").getByRole("heading").first().waitFor({ timeout: 30_000 });
    await use(page);
  } finally {
    await context.close();
  }
}

async function show(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByRole("main").getByRole("heading").first().waitFor({ timeout: 30_000 });
  await page.waitForLoadState("networkidle");
  await delay(SETTLED_MS);
}

/** Makes the window as high as the page. Playwright's own `fullPage` leaves parts of it unpainted. */
async function stretch(page: Page, width: number): Promise<void> {
  const height = await page.evaluate<number>("document.documentElement.scrollHeight");
  await page.setViewportSize({ width, height: Math.min(HEIGHT_MAX, Math.max(HEIGHT, height)) });
  await delay(SETTLED_MS);
}
