/** Eight hours of ticks in minutes: what the page holds after each hour of them, garbage collected. */
import type { Browser } from "playwright-core";
import type { FleetSnapshot } from "../../domain/message.ts";
import { DashboardPage } from "./dashboard-page.ts";
import { FleetScene } from "./fleet-scene.ts";
import { LiveServer } from "./live-server.ts";
import { begin, HEIGHT, SERVICES } from "./tick-cost.ts";

const SAMPLES = 8;
/** The page draws once for so many ticks; its data changes with each of them. */
const TICKS_A_FRAME = 10;
const HOURS_8_S = 28_800;

interface Sample {
  readonly ticks: number;
  readonly heap_mb: number;
  readonly nodes: number;
  readonly listeners: number;
}

interface Growth {
  readonly services: number;
  readonly ticks: number;
  readonly seconds: number;
  readonly samples: readonly Sample[];
  /** MB that eight hours add, by the straight line through all samples but the first: until then the page fills what it keeps. */
  readonly growth_mb_8h: number;
}

/** @param ticks seconds of the stream, a multiple of 80 */
export async function measureMemory(
  browser: Browser,
  behind: string,
  real: FleetSnapshot,
  ticks: number,
): Promise<Growth> {
  // The stream ends now, so that the page asks history for times that are past.
  const scene = new FleetScene(real, SERVICES, Date.now() - ticks * 1000);
  const live = new LiveServer(behind, scene.snapshot);
  await live.start();
  try {
    const dashboard = await DashboardPage.open(browser, live.url, HEIGHT);
    try {
      await begin(dashboard, live, scene);
      const began = performance.now();
      const samples = await replay(dashboard, live, scene, ticks);
      const seconds = Math.round((performance.now() - began) / 1000);
      const growth_mb_8h = Number((slopeOf(samples.slice(1)) * HOURS_8_S).toFixed(2));
      return { services: SERVICES, ticks, seconds, samples, growth_mb_8h };
    } finally {
      await dashboard.close();
    }
  } finally {
    await live.stop();
  }
}

async function replay(
  dashboard: DashboardPage,
  live: LiveServer,
  scene: FleetScene,
  ticks: number,
): Promise<readonly Sample[]> {
  const taken = await dashboard.taken();
  const samples = [await sampleOf(dashboard, 0)];
  for (let n = 1; n <= ticks; n += 1) {
    live.send(scene.tick(n));
    if (n % TICKS_A_FRAME === 0) await dashboard.drawn(taken + n);
    if (n % (ticks / SAMPLES) === 0) samples.push(await sampleOf(dashboard, n));
  }
  return samples;
}

async function sampleOf(dashboard: DashboardPage, ticks: number): Promise<Sample> {
  const { heap_bytes, nodes, listeners } = await dashboard.collectedCost();
  return { ticks, heap_mb: Number((heap_bytes / 1e6).toFixed(2)), nodes, listeners };
}

/** MB a tick, least squares. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (pick: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + pick(sample), 0) / samples.length;
  const [ticks_mean, heap_mean] = [mean(({ ticks }) => ticks), mean(({ heap_mb }) => heap_mb)];
  const product = mean((sample) => (sample.ticks - ticks_mean) * (sample.heap_mb - heap_mean));
  return product / mean(({ ticks }) => (ticks - ticks_mean) ** 2);
}
