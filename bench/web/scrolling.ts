/** Frames of a fleet of 1,000 services that is scrolled from its top to its end while ticks for all of them arrive. */
import type { Browser } from "playwright-core";
import type { FleetSnapshot } from "../../domain/message.ts";
import { quantileOf } from "../support/quantile.ts";
import { DashboardPage, signedIn } from "./dashboard-page.ts";
import { FleetScene } from "./fleet-scene.ts";
import { LiveServer } from "./live-server.ts";

const SERVICES = 1000;
const HEIGHT = 1000;
/** Ten seconds at 60 frames a second: 50 px each pass a thousand rows of 32 px. */
const FRAMES = 600;
const STEP_PX = 50;
/** 50 frames a second. */
const LIMIT_MS = 20;

/** The times between frames, each of which scrolls on; the first frames belong to what was before. */
const SCROLL = `new Promise((resolve) => {
  const frames_ms = [];
  let last = null;
  const step = (now) => {
    if (last !== null) frames_ms.push(now - last);
    last = now;
    scrollBy(0, ${STEP_PX});
    if (frames_ms.length < ${FRAMES}) requestAnimationFrame(step); else resolve({ frames_ms, top: scrollY });
  };
  requestAnimationFrame(step);
})`;

interface Scrolled {
  readonly frames_ms: readonly number[];
  readonly top: number;
}

export async function measureScrolling(
  browser: Browser,
  behind: string,
  real: FleetSnapshot,
): Promise<Readonly<Record<string, number>>> {
  const scene = new FleetScene(real, SERVICES, Date.now());
  const live = new LiveServer(behind, scene.snapshot);
  await live.start();
  try {
    const reference = await scrollPlainPage(browser, live.url);
    const fleet = await scrollFleet(browser, live, scene);
    return {
      services: SERVICES,
      ...frameFigures(fleet),
      limit_ms: LIMIT_MS,
      reference_frame_ms_p95: frameFigures(reference).frame_ms_p95,
    };
  } finally {
    await live.stop();
  }
}

async function scrollFleet(browser: Browser, live: LiveServer, scene: FleetScene): Promise<Scrolled> {
  const dashboard = await DashboardPage.open(browser, live.url, HEIGHT);
  let n = 0;
  const ticking = setInterval(() => live.send(scene.tick((n += 1))), 1000);
  try {
    const scrolled = await dashboard.evaluate<Scrolled>(SCROLL);
    if (scrolled.top < (FRAMES * STEP_PX) / 2) throw new Error(`the page scrolled to ${scrolled.top} px only`);
    return scrolled;
  } finally {
    clearInterval(ticking);
    await dashboard.close();
  }
}

/** The reference: as long a page with nothing to do, by the same script in the same browser. */
async function scrollPlainPage(browser: Browser, url: string): Promise<Scrolled> {
  const context = await signedIn(browser, url, HEIGHT);
  try {
    const page = await context.newPage();
    await page.setContent('<div style="height: 40000px">One line.</div>');
    return await page.evaluate<Scrolled>(SCROLL);
  } finally {
    await context.close();
  }
}

function frameFigures({ frames_ms }: Scrolled) {
  const sorted = frames_ms.toSorted((a, b) => a - b);
  const round = (value: number) => Number(value.toFixed(1));
  return {
    frames: sorted.length,
    frame_ms_median: round(quantileOf(sorted, 0.5)),
    frame_ms_p95: round(quantileOf(sorted, 0.95)),
    frame_ms_max: round(sorted.at(-1) ?? Number.NaN),
    share_above_limit: Number((sorted.filter((ms) => ms > LIMIT_MS).length / sorted.length).toFixed(3)),
  };
}
