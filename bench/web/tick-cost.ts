/** What a tick of the fleet costs the page that shows all 50 services of it, one tick a second as the server sends them. */
import { setTimeout as delay } from "node:timers/promises";
import type { Browser } from "playwright-core";
import type { FleetSnapshot } from "../../domain/message.ts";
import { until } from "../../tests/e2e/process-group.ts";
import { quantileOf } from "../support/quantile.ts";
import { DashboardPage, type PageCost } from "./dashboard-page.ts";
import { FleetScene } from "./fleet-scene.ts";
import { LiveServer } from "./live-server.ts";

export const SERVICES = 50;
/** As many px as 50 rows need below the figures: nothing of the list is left out because it is off the screen. */
export const HEIGHT = 2600;
/** Seconds: more than one minute, so that closed minutes and small charts drawn anew are in it. */
const TICKS = 90;
const LIMIT_MS = 4;

/** Something whose time depends on the machine alone: the reference for the figures beside it. */
const REFERENCE = `(() => {
  const text = JSON.stringify(Array.from({ length: 2000 }, (_, i) => ({ at: i, name: "service-" + i, rate: i / 7 })));
  const began = performance.now();
  for (let times = 0; times < 10; times += 1) JSON.parse(text);
  return performance.now() - began;
})()`;

export async function measureTickCost(
  browser: Browser,
  behind: string,
  real: FleetSnapshot,
): Promise<Readonly<Record<string, number>>> {
  const scene = new FleetScene(real, SERVICES, Date.now());
  const live = new LiveServer(behind, scene.snapshot);
  await live.start();
  try {
    const dashboard = await DashboardPage.open(browser, live.url, HEIGHT);
    try {
      await begin(dashboard, live, scene);
      return await tickByTick(dashboard, live, scene);
    } finally {
      await dashboard.close();
    }
  } finally {
    await live.stop();
  }
}

/**
 * Brings the clock of the stream, without which all of it is old to the page and old rows are higher, and waits for every row.
 *
 * @throws where the list holds some back: what is not drawn costs nothing
 */
export async function begin(dashboard: DashboardPage, live: LiveServer, scene: FleetScene): Promise<void> {
  const taken = await dashboard.taken();
  live.send(scene.tick(0));
  await dashboard.drawn(taken + 1);
  await until(`${SERVICES} rows`, 10_000, async () => {
    const rows = await dashboard.page.locator('[data-key="row"]').count();
    if (rows !== SERVICES) throw new Error(`${rows} are on the screen`);
    return true;
  });
}

async function tickByTick(
  dashboard: DashboardPage,
  live: LiveServer,
  scene: FleetScene,
): Promise<Readonly<Record<string, number>>> {
  const ticks: PageCost[] = [];
  const seconds: PageCost[] = [];
  const references: number[] = [];
  const taken = await dashboard.taken();
  const began = performance.now();
  let before = await dashboard.cost();
  for (let n = 1; n <= TICKS; n += 1) {
    live.send(scene.tick(n));
    const start = before;
    await dashboard.drawn(taken + n);
    ticks.push(difference(start, await dashboard.cost()));
    await delay(began + n * 1000 - performance.now());
    before = await dashboard.cost();
    seconds.push(difference(start, before));
    if (n % 10 === 0) {
      references.push(await dashboard.evaluate<number>(REFERENCE));
      before = await dashboard.cost();
    }
  }
  const handled = spread(ticks.map(({ script_ms, layout_ms }) => script_ms + layout_ms));
  const second = spread(seconds.map(({ script_ms, layout_ms }) => script_ms + layout_ms));
  const whole = spread(seconds.map(({ task_ms }) => task_ms));
  return {
    services: SERVICES,
    ticks: TICKS,
    tick_ms_median: handled.median,
    tick_ms_p95: handled.p95,
    tick_script_ms_median: spread(ticks.map(({ script_ms }) => script_ms)).median,
    limit_ms: LIMIT_MS,
    second_ms_median: second.median,
    second_ms_p95: second.p95,
    second_task_ms_median: whole.median,
    reference_ms: spread(references).median,
  };
}

function difference(from: PageCost, to: PageCost): PageCost {
  return {
    ...to,
    script_ms: to.script_ms - from.script_ms,
    layout_ms: to.layout_ms - from.layout_ms,
    task_ms: to.task_ms - from.task_ms,
  };
}

function spread(values: readonly number[]): { readonly median: number; readonly p95: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const round = (value: number) => Number(value.toFixed(2));
  return { median: round(quantileOf(sorted, 0.5)), p95: round(quantileOf(sorted, 0.95)) };
}
