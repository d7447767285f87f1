import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Minute } from "./minute.ts";
import { MonitorDraft, type StoredMinutes } from "./monitor-draft.ts";
import { decodeState, encodeState, initialState, type MonitorState } from "./monitor-state.ts";
import { bucketDeltas, type ServiceSums } from "./service-batch.ts";
import { latencyBin, sketchOfBins } from "./sketch.ts";

const START = 1_764_000_000;

class Rows implements StoredMinutes {
  readonly rows = new Map<number, Minute>();
  read(minute: number): Minute | undefined {
    return this.rows.get(minute);
  }
  range(from: number, to: number): Minute[] {
    return [...this.rows.values()]
      .filter(({ minute }) => minute >= from && minute < to)
      .sort((a, b) => a.minute - b.minute);
  }
  next(minute: number): number | undefined {
    const after = [...this.rows.keys()].filter((number) => number > minute);
    return after.length === 0 ? undefined : Math.min(...after);
  }
}

function second(
  at: number,
  requests: number,
  errors: number,
  versions: readonly string[] = [],
): ServiceSums["seconds"][number] {
  const sketch = sketchOfBins(new Uint16Array(requests).fill(latencyBin(90_000)));
  const status = (status_code: number, request_count: number) => ({
    status_code,
    request_count,
    latency_sum_us: request_count * 90_000,
  });
  const statuses = [status(200, requests - errors), status(500, errors)];
  return { second: at, endpoints: [{ endpoint: 0, sketch, statuses }], versions };
}

/** Adds the seconds and closes everything before `end`, in as many steps as there are `ends`. */
function run(
  seconds: ServiceSums["seconds"],
  ends: readonly number[],
): { state: MonitorState; changes: unknown[]; rows: Rows } {
  const rows = new Rows();
  let state = initialState("checkout", 0);
  const changes: unknown[] = [];
  for (const [i, end] of ends.entries()) {
    const draft = new MonitorDraft(state, { stored: rows, now_ms: end * 1000 });
    if (i === 0)
      draft.add(
        bucketDeltas({ endpoints: ["/pay"], seconds }, (code) => code >= 500),
        ["/pay"],
      );
    draft.advance({ ...state.watermark, watermark_ms: end * 1000 });
    changes.push(...draft.changes);
    const finished = draft.finish();
    for (const minute of finished.rows) rows.rows.set(minute.minute, minute);
    state = decodeState(encodeState(finished.state));
  }
  return { state, changes, rows };
}

describe("closing seconds", () => {
  const surge = Array.from({ length: 400 }, (_, i) => second(START + i, 10, i >= 300 && i < 360 ? 6 : 0));

  test("a long gap is skipped with the same outcome as stepping through it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 300 }), fc.integer({ min: 0, max: 59 }), (gap_min, odd_s) => {
        const restart = START + 400 + gap_min * 60 + odd_s;
        const again = Array.from({ length: 200 }, (_, i) => second(restart + i, 10, i >= 150 ? 6 : 0));
        const end = restart + 200;
        const leap = run([...surge, ...again], [START + 400, end]);
        // Each step of half an hour is too short to be skipped.
        const small = Array.from({ length: Math.ceil((end - START - 400) / 1800) }, (_, i) =>
          Math.min(end, START + 400 + (i + 1) * 1800),
        );
        const stepped = run([...surge, ...again], [START + 400, ...small]);
        expect(leap.changes).toEqual(stepped.changes);
        expect(leap.changes.length).toBeGreaterThan(2);
        expect(encodeState(leap.state)).toEqual(encodeState(stepped.state));
      }),
      { numRuns: 5 },
    );
  });

  test("years without an event take no time worth naming", () => {
    const { state } = run([second(START, 1, 0), second(START + 1_000_000_000, 1, 0)], [START + 1_000_000_001]);
    expect(state.open_second).toBe(START + 1_000_000_001);
  });

  test("the state survives its encoding at every step", () => {
    const { state } = run(surge, [START + 100, START + 310, START + 330, START + 400]);
    expect(encodeState(decodeState(encodeState(state)))).toEqual(encodeState(state));
  });
});

describe("what the hot row holds", () => {
  test("at most three open minutes, those nearest to the watermark; the others are rows", () => {
    const far = Array.from({ length: 20 }, (_, i) => second(START + i * 60, 1, 0));
    const { state, rows } = run(far, [START + 200]);
    expect([...state.minutes.keys()]).toEqual([3, 4, 5].map((i) => START / 60 + i));
    expect(rows.rows.size).toBe(17);
  });

  test("a wrong date far ahead does not displace the present", () => {
    const { state } = run([second(START, 1, 0), second(START + 86_400, 1, 0)], [START - 10]);
    expect([...state.minutes.keys()][0]).toBe(START / 60);
  });
});

describe("a late event", () => {
  const names = ["/old", "/new", "/stranger", ...Array.from({ length: 49 }, (_, i) => `/used${i}`)];
  const isError = (code: number): boolean => code >= 500;

  /** One second in which each of `endpoints` (indices into `names`) had so many requests. */
  function requests(at: number, endpoints: readonly number[], request_count: number): ServiceSums["seconds"][number] {
    const sketch = sketchOfBins(new Uint16Array(request_count).fill(latencyBin(1000)));
    const statuses = [{ status_code: 200, request_count, latency_sum_us: 1000 }];
    return { second: at, endpoints: endpoints.map((endpoint) => ({ endpoint, sketch, statuses })), versions: [] };
  }

  test("leaves apart what was told apart when its second closed, though its endpoint has no place any more", () => {
    const used = names.slice(3).map((_, i) => i + 3);
    const seconds = Array.from({ length: 40 }, (_, i) => requests(START + i, i === 0 ? [0, ...used] : [1, ...used], 5));
    const draft = new MonitorDraft(initialState("checkout", 0), { stored: new Rows(), now_ms: START * 1000 });
    draft.add(bucketDeltas({ endpoints: names, seconds }, isError), names);
    draft.advance({ ...draft.state.watermark, watermark_ms: (START + 40) * 1000 });
    expect(draft.state.table.names.has("/old")).toBe(false);
    const late = { endpoints: names, seconds: [requests(START, [0, 2], 1)] };
    expect(draft.add(bucketDeltas(late, isError), names)).toMatchObject({ late: 2 });
    const minute = draft.minute(START / 60)!;
    const counts = minute.buckets[0]!.endpoints.map((entry) => [minute.names[entry.name], entry.request_count]);
    expect(Object.fromEntries(counts)).toEqual({
      other: 1,
      "/old": 6,
      ...Object.fromEntries(names.slice(3).map((name) => [name, 5])),
    });
  });
});

describe("the latencies of endpoints", () => {
  const names = ["/pay", "/cart"];

  /** Ten requests to each endpoint, in milliseconds. */
  function served(at: number, pay_ms: number, cart_ms: number): ServiceSums["seconds"][number] {
    const endpoints = [pay_ms, cart_ms].map((latency_ms, endpoint) => ({
      endpoint,
      sketch: sketchOfBins(new Uint16Array(10).fill(latencyBin(latency_ms * 1000))),
      statuses: [{ status_code: 200, request_count: 10, latency_sum_us: latency_ms * 10_000 }],
    }));
    return { second: at, endpoints, versions: [] };
  }

  test("tell which endpoint's requests were slow when a second was closed, and are not kept after that", () => {
    const seconds = Array.from({ length: 900 }, (_, i) => served(START + i, i < 897 ? 90 : 900, 90));
    const draft = new MonitorDraft(initialState("checkout", 0), { stored: new Rows(), now_ms: START * 1000 });
    draft.add(
      bucketDeltas({ endpoints: names, seconds }, () => false),
      names,
    );
    draft.advance({ ...draft.state.watermark, watermark_ms: (START + 898) * 1000 });
    const { detectors } = decodeState(encodeState(draft.finish().state));
    const judged = detectors.reference.ring.since(START + 896, START + 897).map((entry) => entry.closed.endpoints);
    expect(judged.map((own) => own.map(({ name, slow_count }) => [name, slow_count]))).toEqual([
      [
        ["/pay", 0],
        ["/cart", 0],
      ],
      [
        ["/pay", 10],
        ["/cart", 0],
      ],
    ]);
    const minute = draft.minute(Math.floor((START + 897) / 60))!;
    const kept = [897, 898].map((at) => minute.buckets[(START + at) % 60]!.endpoints.map(({ sketch }) => sketch.bins));
    expect(kept.map((own) => own.map((bins) => bins.length))).toEqual([
      [0, 0],
      [1, 1],
    ]);
    // A late event's are not kept either.
    draft.add(
      bucketDeltas({ endpoints: names, seconds: [served(START + 897, 50, 50)] }, () => false),
      names,
    );
    const late = draft.minute(minute.minute)!.buckets[(START + 897) % 60]!;
    expect(late.endpoints.map(({ request_count, sketch }) => [request_count, sketch.bins.length])).toEqual([
      [20, 0],
      [20, 0],
    ]);
  });
});

describe("versions", () => {
  const deltas = (...seconds: ServiceSums["seconds"]) =>
    bucketDeltas({ endpoints: ["/pay"], seconds }, (code) => code >= 500);
  const newDraft = (state = initialState("checkout", 0)): MonitorDraft =>
    new MonitorDraft(state, { stored: new Rows(), now_ms: START * 1000 });

  test("count from their first second, which outlives the encoding", () => {
    const draft = newDraft();
    draft.add(deltas(second(START, 1, 0, ["1"]), second(START + 9, 1, 0, ["2", "1"])), ["/pay"]);
    draft.add(deltas(second(START + 8, 1, 0, ["1", "2"])), ["/pay"]);
    expect(decodeState(encodeState(draft.finish().state)).versions).toEqual([
      { version: "1", first_second: START },
      { version: "2", first_second: START + 8 },
    ]);
  });

  test("are not told by late events, nor by those whose date is wrong", () => {
    const draft = newDraft();
    draft.add(deltas(second(START, 1, 0, ["1"]), second(START + 200_000, 1, 0, ["tomorrow"])), ["/pay"]);
    draft.advance({ ...draft.state.watermark, watermark_ms: (START + 10) * 1000 });
    draft.add(deltas(second(START + 9, 1, 0, ["late"]), second(START + 10, 1, 0, ["2"])), ["/pay"]);
    expect(draft.state.versions.map(({ version }) => version)).toEqual(["1", "2"]);
  });

  test("that changed shortly before a fault stand on its incident", () => {
    const seconds = Array.from({ length: 400 }, (_, i) =>
      second(START + i, 10, i >= 300 ? 6 : 0, [i < 280 ? "1" : "2"]),
    );
    const draft = newDraft();
    draft.add(deltas(...seconds), ["/pay"]);
    draft.advance({ ...draft.state.watermark, watermark_ms: (START + 400) * 1000 });
    expect(draft.changes[0]?.incident).toMatchObject({ previous_version: "1", deployed_version: "2" });
  });
});
