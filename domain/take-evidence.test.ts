import { describe, expect, it } from "vitest";
import { DetectionStream, type Flow, REFERENCE_RULES } from "../tests/detection-stream.ts";
import type { Evidence } from "./evidence.ts";
import { resolve } from "./incident-tracker.ts";
import type { ServiceSettings } from "./settings.ts";
import { takeEvidence } from "./take-evidence.ts";

/** 16:00:00 UTC. */
const START = 1_764_000_000;
const PAY: Flow = { name: "/pay", requests: 10, latency_ms: 100 };
const CART: Flow = { name: "/cart", requests: 10, latency_ms: 100 };

/** Ten minutes of health, then the fault until something is told of it. */
function opened(fault: readonly Flow[], settings: Partial<ServiceSettings> = {}, warm_s = 600): DetectionStream {
  const stream = new DetectionStream(START, settings);
  if (warm_s > 0) stream.run(warm_s, PAY, CART);
  return until(stream, fault);
}

function until(stream: DetectionStream, flows: readonly Flow[]): DetectionStream {
  const before = stream.changes.length;
  for (let i = 0; i < 3600 && stream.changes.length === before; i += 1) stream.run(1, ...flows);
  expect(stream.changes.length).toBeGreaterThan(before);
  return stream;
}

function newest(stream: DetectionStream): Evidence {
  return stream.evidence.at(-1)!;
}

/** What is known of a kind of fact: its values by name. */
function valuesOf({ facts }: Evidence, id: string): Record<string, number> | null {
  const found = facts.find((fact) => fact.id === id);
  return found === undefined ? null : Object.fromEntries(found.values.map(({ name, value }) => [name, value]));
}

function textOf({ facts }: Evidence, id: string): string | undefined {
  return facts.find((fact) => fact.id === id)?.text;
}

function idsOf({ facts }: Evidence): string[] {
  return facts.map(({ id }) => id);
}

describe("evidence of errors", () => {
  const fault = [{ ...PAY, errors: 4 }, CART];

  it("on one endpoint says the share against typical, who carries it, the class, and what stayed as it was", () => {
    const evidence = newest(opened(fault));
    expect(evidence).toMatchObject({
      service: "checkout",
      version: 1,
      affected_metrics: ["error_rate"],
      subject: { status: "open", severity: "high", metric_name: "error_rate", endpoint: "/pay" },
    });
    expect(idsOf(evidence)).toEqual(["errors", "steady.1", "steady.2", "onset", "endpoint.1", "statuses.5", "impact"]);
    expect(valuesOf(evidence, "errors")).toEqual({ actual: 0.2, typical: 0 });
    expect(valuesOf(evidence, "endpoint.1")).toEqual({ share: 1, actual: 0.4, typical: 0 });
    expect(valuesOf(evidence, "statuses.5")).toEqual({ class: 5, share: 1, actual: 0.2, typical: 0 });
    expect(valuesOf(evidence, "steady.1")).toEqual({ actual: 20, typical: 20 });
    expect(valuesOf(evidence, "steady.2")).toEqual({ actual: 100, typical: 100 });
    expect(valuesOf(evidence, "onset")).toEqual({ onset: START + 600, told_after: 3 });
    expect(textOf(evidence, "endpoint.1")).toBe(
      "“/pay” carries 100 % of the failed requests beyond normal: 40 % of its requests failed (typically 0 %).",
    );
    expect(textOf(evidence, "onset")).toBe("It began at 16:10:00 UTC and was told 3 s later.");
  });

  it("on all endpoints says that none stands out, and how many have a part", () => {
    const evidence = newest(
      opened([
        { ...PAY, errors: 3 },
        { ...CART, errors: 3 },
      ]),
    );
    expect(valuesOf(evidence, "spread")).toEqual({ endpoints: 2, largest: 0.5 });
    expect(idsOf(evidence).filter((id) => id.startsWith("endpoint"))).toEqual([]);
  });

  it("counts once it is over without the quiet that ended it", () => {
    const stream = opened(fault).run(20, ...fault);
    const { facts, subject } = newest(until(stream.run(1, PAY, CART), [PAY, CART]));
    expect(subject).toMatchObject({ status: "resolved", resolution: "recovered" });
    const evidence = newest(stream);
    expect(valuesOf(evidence, "errors")).toEqual({ actual: 0.2, typical: 0 });
    expect(valuesOf(evidence, "endpoint.1")).toEqual({ share: 1, actual: 0.4, typical: 0 });
    expect(textOf(evidence, "errors")).toBe("20 % of requests failed while it lasted (typically 0 %).");
    expect(facts.at(-1)).toMatchObject({ id: "resolved" });
    const { ended, lasted } = valuesOf(evidence, "resolved")!;
    expect(ended! - lasted!).toBe(START + 600);
  });

  it("of an hour says what the last ten minutes were like", () => {
    const stream = opened(fault);
    stream.run(3000, ...fault);
    stream.run(600, { ...PAY, errors: 8 }, CART);
    expect(valuesOf(newest(stream), "errors")).toMatchObject({ over: 600, typical: 0 });
    expect(valuesOf(newest(stream), "errors")!["actual"]).toBeGreaterThan(0.35);
    expect(valuesOf(newest(stream), "endpoint.1")).toEqual({ share: 1, actual: 0.8, typical: 0 });
    expect(textOf(newest(stream), "endpoint.1")).toContain("in the last minute");
  });

  it("names the endpoints beside the one that stands out that have a good part too", () => {
    const [five, three] = [
      { name: "/five", requests: 2 },
      { name: "/three", requests: 10 },
    ];
    const stream = new DetectionStream(START).run(600, PAY, CART, five, three);
    until(stream, [{ ...PAY, errors: 8 }, CART, five, { ...three, errors: 2 }]);
    const evidence = newest(stream);
    expect(evidence.facts.filter(({ kind }) => kind === "endpoint").map(({ names }) => names)).toEqual([
      ["/pay"],
      ["/three"],
    ]);
    expect(valuesOf(evidence, "endpoint.2")).toMatchObject({ share: 0.2, actual: 0.2 });
  });

  it("tells classes apart: what clients got wrong does not carry what the service did, and the other way round", () => {
    const both: Partial<ServiceSettings> = { errors: ["4xx", "5xx"] };
    const clients = { ...CART, errors: 1, error_class: 4 };
    const stream = new DetectionStream(START, both).run(600, PAY, clients);
    const failing = newest(until(stream, [{ ...PAY, errors: 5 }, clients]));
    expect(valuesOf(failing, "statuses.5")).toMatchObject({ share: 1, actual: 0.25, typical: 0 });
    expect(valuesOf(failing, "statuses.4")).toMatchObject({ share: 0, actual: 0.05, typical: 0.05 });
    expect(textOf(failing, "statuses.4")).toBe("4xx answers did not grow: 5 % of all answers (typically 5 %).");
    const wrong = newest(opened([{ ...PAY, errors: 5, error_class: 4 }, CART], both));
    expect(valuesOf(wrong, "statuses.4")).toMatchObject({ class: 4, share: 1 });
    expect(valuesOf(wrong, "statuses.5")).toBeNull();
  });

  it("says nothing of classes where requests that are not judged cannot be told from the others", () => {
    const health: Flow = { name: "/health", requests: 1 };
    const stream = new DetectionStream(START, { exclude: { endpoints: ["/health"] } });
    stream.run(600, PAY, CART, health);
    expect(idsOf(newest(until(stream, [...fault, health])))).not.toContain("statuses.5");
  });

  it("guesses nothing of a service that has just begun", () => {
    const evidence = newest(opened([{ ...PAY, errors: 9 }, CART], {}, 2));
    expect(idsOf(evidence)).toEqual(["errors", "onset", "endpoint.1", "impact"]);
    expect(valuesOf(evidence, "errors")).toEqual({ actual: 0.45 });
    expect(valuesOf(evidence, "endpoint.1")).toEqual({ share: 1, actual: 0.9 });
    expect(valuesOf(evidence, "impact")).not.toHaveProperty("excess");
  });

  it("knows what was normal when it began, though it has lasted so long that it is the new normal", () => {
    const stream = opened(fault).run(2 * 3600, ...fault);
    const state = stream.state;
    const evidence = takeEvidence(stream.changes[0]!.incident, state);
    expect(state.detectors.sequential.typicalErrors()).toBeGreaterThan(0.02);
    expect(valuesOf(evidence, "errors")!["typical"]).toBeLessThan(0.005);
  });
});

describe("evidence of latency", () => {
  const slow = [
    { ...PAY, latency_ms: 900 },
    { ...CART, latency_ms: 900 },
  ];

  it("says the p95 against typical, that no endpoint stands out, and that errors did not rise", () => {
    const evidence = newest(opened(slow));
    expect(valuesOf(evidence, "latency")).toMatchObject({ ratio: expect.closeTo(9, 0) });
    expect(idsOf(evidence)).toEqual(["latency", "steady.1", "steady.3", "onset", "spread", "impact"]);
    expect(valuesOf(evidence, "steady.3")).toEqual({ actual: 0, typical: 0 });
  });

  it("says the mean of the endpoint that carries it, and after a minute no more what is typical of it", () => {
    const fault = [{ ...PAY, latency_ms: 900 }, CART];
    const stream = opened(fault);
    expect(valuesOf(newest(stream), "endpoint.1")).toEqual({ share: 1, actual: 900, typical: 100 });
    stream.run(300, ...fault);
    expect(valuesOf(newest(stream), "endpoint.1")).toEqual({ share: 1, actual: 900 });
  });

  it("under three times the traffic says that it rises, against what is usual", () => {
    const stream = opened([
      { ...PAY, requests: 30, latency_ms: 900 },
      { ...CART, requests: 30, latency_ms: 900 },
    ]);
    expect(valuesOf(newest(stream), "rising")).toEqual({ actual: 60, typical: 20.1, ratio: 2.99 });
    expect(idsOf(newest(stream))).not.toContain("steady.1");
  });

  it("under traffic that has grown for a while says that it is above the hour before", () => {
    const stream = new DetectionStream(START).run(3000, PAY, CART);
    for (let requests = 10; requests <= 20; requests += 1) stream.run(60, { ...PAY, requests }, { ...CART, requests });
    until(stream, [
      { ...PAY, requests: 20, latency_ms: 900 },
      { ...CART, requests: 20, latency_ms: 900 },
    ]);
    expect(valuesOf(newest(stream), "rising")).toMatchObject({ actual: 40 });
  });

  it("of a promise says what is allowed, and whose promise it is", () => {
    const own = { ...REFERENCE_RULES, sla_ms: 300, endpoints: { "/pay": { sla_ms: 200 } } };
    const evidence = newest(opened([{ ...PAY, latency_ms: 900 }, CART], own));
    expect(valuesOf(evidence, "latency")).toMatchObject({ allowed: 400 });
    expect(textOf(evidence, "latency")).toMatch(/^Requests to “\/pay” took \d+ ms on average/);
    const whole = newest(opened(slow, { ...REFERENCE_RULES, sla_ms: 300 }));
    expect(textOf(whole, "latency")).toMatch(/^Requests took \d+ ms on average/);
  });

  it("of a service that was slow from its first request on calls nothing typical that came with it", () => {
    const errors = { requests: 5, errors: 1, latency_ms: 900 };
    const evidence = newest(
      opened(
        [
          { ...PAY, ...errors },
          { ...CART, ...errors },
        ],
        REFERENCE_RULES,
        0,
      ),
    );
    expect(idsOf(evidence)).toContain("latency");
    expect(JSON.stringify(evidence.facts)).not.toContain("typical");
  });

  it("with errors tells both", () => {
    const fault = [
      { ...PAY, errors: 5, latency_ms: 700 },
      { ...CART, latency_ms: 700 },
    ];
    const stream = opened(fault).run(10, ...fault);
    const evidence = takeEvidence(stream.tracker.incident!, stream.state);
    expect([...evidence.affected_metrics].sort()).toEqual(["error_rate", "p95_latency_ms"]);
    expect(idsOf(evidence)).toEqual(expect.arrayContaining(["errors", "latency", "endpoint.1", "statuses.5"]));
    expect(idsOf(evidence).filter((id) => id.startsWith("steady"))).toEqual(["steady.1"]);
  });
});

describe("evidence of missing requests", () => {
  it("says how many come, that the pipeline is whole, and that those that come are well", () => {
    const evidence = newest(
      opened([
        { ...PAY, requests: 2 },
        { ...CART, requests: 2 },
      ]),
    );
    expect(evidence.subject.anomaly_type).toBe("traffic");
    expect(idsOf(evidence)).toEqual(["traffic", "steady.2", "steady.3", "onset", "pipeline"]);
    expect(valuesOf(evidence, "traffic")!["actual"]).toBe(4);
    expect(valuesOf(evidence, "traffic")!["typical"]).toBeCloseTo(20, 0);
  });

  it("says since when none has come at all", () => {
    const evidence = newest(opened([]));
    expect(evidence.subject.anomaly_type).toBe("down");
    expect(idsOf(evidence)).toEqual(["down", "onset", "pipeline"]);
    expect(textOf(evidence, "down")).toBe("No request has come since 16:10:00 UTC (typically 20/s).");
  });
});

describe("evidence of what is near", () => {
  const fault = [{ ...PAY, errors: 4 }, CART];

  it("names the version that came before, and the one that came before the end", () => {
    const stream = new DetectionStream(START).run(600, PAY, CART);
    stream.versions = [
      { version: "2.4.0", first_second: START },
      { version: "2.4.1", first_second: START + 570 },
    ];
    until(stream, fault);
    const { facts } = newest(stream);
    expect(facts.find(({ kind }) => kind === "deploy")).toMatchObject({
      names: ["2.4.1", "2.4.0"],
      values: [
        { name: "before", value: 30, unit: "s" },
        { name: "deployed", value: START + 570, unit: "at" },
      ],
    });
    stream.versions = [...stream.versions, { version: "2.4.2", first_second: START + 620 }];
    until(stream.run(17, ...fault), [PAY, CART]);
    expect(newest(stream).facts.at(-1)).toMatchObject({ kind: "resolved", names: ["2.4.2"] });
    expect(valuesOf(newest(stream), "deploy")).toMatchObject({ before: 30 });
  });

  it("says that it comes and goes", () => {
    const stream = opened(fault);
    for (let i = 0; i < 3; i += 1) stream.run(30, ...fault).run(60, PAY, CART);
    const flapping = stream.evidence.find((own) => idsOf(own).includes("flapping"));
    expect(textOf(flapping!, "flapping")).toMatch(/came back 1 time after its end|comes and goes/);
    const last = takeEvidence(stream.tracker.incident!, stream.state);
    expect(valuesOf(last, "flapping")).toMatchObject({ quiet: 300 });
  });

  it.each([
    [16, true],
    [14, false],
    [24, true],
  ])("calls traffic of %d/s, where 20 are usual, steady: %s", (rate, isSteady) => {
    const half = { requests: rate / 2 };
    const evidence = newest(
      opened([
        { ...PAY, ...half, errors: 4 },
        { ...CART, ...half },
      ]).run(60, { ...PAY, ...half, errors: 4 }, { ...CART, ...half }),
    );
    expect(idsOf(evidence).includes("steady.1")).toBe(isSteady);
  });

  it("of a fault that came back counts the present bout alone", () => {
    const stream = opened(fault)
      .run(20, ...fault)
      .run(60, PAY, CART);
    expect(stream.actions).toContain("resolved");
    until(stream, [{ ...PAY, errors: 8 }, CART]);
    const { actual, over } = valuesOf(newest(stream), "errors")!;
    expect(actual).toBe(0.4);
    // It says so: since its onset requests failed less.
    expect(over).toBeLessThan(20);
    expect(textOf(newest(stream), "errors")).toContain(`in the last ${over} s`);
    expect(valuesOf(newest(stream), "flapping")).toEqual({ reopened: 1 });
  });

  it("says at which time of day the same happens", () => {
    const { incident } = opened(fault).changes[0]!;
    const usual = { ...incident, usual_at: "16:05" };
    expect(valuesOf(takeEvidence(usual, opened(fault).state), "usual")).toEqual({ usual: START + 300 });
    const at_midnight = { ...incident, usual_at: "00:05", onset_at: "2026-11-24T23:58:00Z" };
    const expected = Date.parse("2026-11-25T00:05:00Z") / 1000;
    expect(valuesOf(takeEvidence(at_midnight, opened(fault).state), "usual")).toEqual({ usual: expected });
  });

  it("says when a person ended it", () => {
    const stream = opened(fault).run(10, ...fault);
    const ended = resolve(stream.tracker, "manual", stream.second - 1)!;
    const evidence = takeEvidence(ended.change.incident, { ...stream.state, tracker: ended.state });
    expect(textOf(evidence, "resolved")).toMatch(/^It was ended by hand at 16:10:13 UTC, 13 s after the onset\.$/);
    expect(valuesOf(evidence, "errors")).toMatchObject({ actual: 0.2 });
  });

  it("of an older incident says only what that one holds itself", () => {
    const { incident } = opened(fault).changes[0]!;
    const later = opened([]);
    const evidence = takeEvidence(incident, later.state);
    expect(valuesOf(evidence, "errors")).toMatchObject({ actual: 0.2 });
    expect(valuesOf(evidence, "endpoint.1")).toEqual({ share: 1 });
    expect(idsOf(evidence)).not.toContain("steady.1");
  });
});

describe("evidence of a budget", () => {
  it("says how fast it is spent, and the share that fails", () => {
    const slo = { slo: { availability: 0.99 } };
    const stream = new DetectionStream(START, slo).run(4000, PAY, CART);
    for (let i = 0; i < 3600 && stream.tracker.incident?.anomalies.at(-1)?.metric_name !== "burn_rate"; i += 1)
      stream.run(1, { ...PAY, errors: 8 }, CART);
    const evidence = takeEvidence(stream.tracker.incident!, stream.state);
    expect(idsOf(evidence)).toEqual(expect.arrayContaining(["errors", "budget"]));
    expect(valuesOf(evidence, "budget")).toMatchObject({ limit: 14.4 });
  });
});
