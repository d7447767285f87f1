import { afterEach, expect, test, vi } from "vitest";
import { ChartSeries } from "./chart-series.ts";
import { T } from "./testing/seconds.ts";
import { ServerModel } from "./testing/server-model.ts";
import { WindowReader } from "./window-reader.ts";
import type { Axis } from "./incident-axis.ts";

afterEach(() => vi.unstubAllGlobals());

const NOW = T + 3600;
const server = new ServerModel({ minute_s: 20, hour_s: 60 });
for (let at = T; at < NOW; at += 1) server.add(at, [10]);

/** The network as the page sees it: answers in pages of `a_page` windows. */
function serve(a_page: number): URL[] {
  const asked: URL[] = [];
  vi.stubGlobal("fetch", (path: string) => {
    const url = new URL(path, "http://faultline.test");
    asked.push(url);
    const [from, until, step] = ["from", "to", "step"].map((name) => url.searchParams.get(name)!);
    const wish = {
      from: Date.parse(from!) / 1000,
      until: Date.parse(until!) / 1000,
      step: Number(step) as 1 | 60 | 3600,
    };
    const all = server.answer(wish, NOW);
    const begin = Number(url.searchParams.get("cursor") ?? 0);
    const next = begin + a_page < all.length ? String(begin + a_page) : null;
    return Promise.resolve(Response.json({ items: all.slice(begin, begin + a_page), next }));
  });
  return asked;
}

function reader(axis: () => Axis | null) {
  const series = new ChartSeries();
  const loaded: [number, number][] = [];
  const source = { series, path: "/v1/services/checkout", signal: new AbortController().signal, axis };
  const told = { closed: () => null, now: () => NOW, onRead: () => {} };
  const onLoaded = (windows: number, step: number) => loaded.push([windows, step]);
  return { series, loaded, reader: new WindowReader({ ...source, ...told, onLoaded }) };
}

test("minutes are read, then the seconds of their end, all pages of each", async () => {
  const asked = serve(20);
  const axis = { from: T, until: NOW, step_s: 60 };
  const { reader: read, series, loaded } = reader(() => axis);
  expect(await read.read()).toBeNull();
  expect(asked.map((url) => url.searchParams.get("step"))).toEqual(["60", "60", "60", "1", "1", "1"]);
  expect(loaded).toEqual([[59, 60]]);
  expect(series.points(axis, NOW).map(({ request_count }) => request_count)).toEqual(Array(60).fill(60));
});

test("whoever asks while it is being read waits for the same answer", async () => {
  const asked = serve(10_000);
  const { reader: read } = reader(() => ({ from: NOW - 60, until: NOW, step_s: 1 }));
  await Promise.all([read.read(), read.read()]);
  expect(asked).toHaveLength(1);
});

test("an axis that becomes another one meanwhile is read too", async () => {
  const asked = serve(10_000);
  let axis = { from: NOW - 60, until: NOW, step_s: 1 };
  const { reader: read } = reader(() => axis);
  const reading = read.read();
  axis = { from: T, until: T + 60, step_s: 1 };
  await reading;
  expect(asked.map((url) => Date.parse(url.searchParams.get("from")!) / 1000)).toEqual([NOW - 60, T]);
});

test("what cannot be read is told, and asked for again the next time", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(Response.json({ detail: "History does not answer." }, { status: 503 })));
  const { reader: read } = reader(() => ({ from: NOW - 60, until: NOW, step_s: 1 }));
  expect(await read.read()).toBe("History does not answer.");
  const asked = serve(10_000);
  expect(await read.read()).toBeNull();
  expect(asked).toHaveLength(1);
});

test("a service that is not there has no time, and is not asked for on and on", async () => {
  let asks = 0;
  vi.stubGlobal("fetch", () => {
    asks += 1;
    return Promise.resolve(new Response(null, { status: 404 }));
  });
  const { reader: read } = reader(() => ({ from: NOW - 3600, until: NOW, step_s: 60 }));
  expect(await read.read()).toBeNull();
  expect(asks).toBeLessThanOrEqual(3);
});
