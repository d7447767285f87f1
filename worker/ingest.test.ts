/** What an ingest answers when a part of it fails: the object's or the Fleet's side is given as its port. */
import { describe, expect, test } from "vitest";
import type { Admission, FleetPort } from "../domain/fleet.ts";
import { scanBatch, type ScannedBatch } from "../domain/ingest-scanner.ts";
import type { BatchPosition } from "../domain/positions.ts";
import type { ApplyAnswer, ApplyCall } from "../durable-objects/apply-call.ts";
import { reportOf } from "../tests/fleet-harness.ts";
import { Admissions } from "./admissions.ts";
import { ingest, type IngestOutcome } from "./ingest.ts";

const NOW_MS = Date.parse("2026-11-24T10:00:00Z");

function scanned(...services: readonly string[]): ScannedBatch {
  const lines = services.map((service) => JSON.stringify({ service, endpoint: "/", latency_ms: 1, status_code: 200 }));
  const result = scanBatch(new TextEncoder().encode(lines.join("\n")), { framing: "ndjson", clock_ms: NOW_MS });
  if (!result.ok) throw new Error(result.detail);
  return result;
}

/** A Fleet that admits, or is down. */
class Gate implements Pick<FleetPort, "admit" | "refuse"> {
  isDown = false;
  /** What it was asked to remember as refused. */
  readonly marked: string[] = [];
  asked: string[][] = [];
  refused: ReadonlyMap<string, Admission["status"]> = new Map();

  admit({ services }: Parameters<FleetPort["admit"]>[0]): Promise<readonly Admission[]> {
    this.asked.push([...services]);
    if (this.isDown) return Promise.reject(new Error("down"));
    return Promise.resolve(
      services.map((service) => ({ service, status: this.refused.get(service) ?? "admitted", refusals: [] })),
    );
  }

  refuse(service: string): Promise<boolean> {
    if (this.isDown) return Promise.reject(new Error("down"));
    const isQuarantined = this.refused.get(service) === "quarantined";
    if (isQuarantined) this.marked.push(service);
    return Promise.resolve(isQuarantined);
  }
}

const APPLIED: ApplyAnswer = {
  kind: "applied",
  accepted: 1,
  duplicates: 0,
  before_start: 0,
  late: 0,
  dropped: 0,
  refused: [],
  reports: [],
};

function run(
  batch: ScannedBatch,
  gate: Gate,
  apply: (call: ApplyCall) => Promise<ApplyAnswer>,
  admissions = new Admissions(),
  now_ms = NOW_MS,
  position: BatchPosition | null = null,
): Promise<IngestOutcome> {
  return ingest({ scanned: batch, position, idempotency: null }, { fleet: gate, admissions, apply }, now_ms);
}

describe("when a part fails", () => {
  test("the failing service is named and the others were applied all the same, and what they report goes on", async () => {
    const applied: string[] = [];
    const outcome = await run(scanned("a", "b", "c"), new Gate(), (call) => {
      if (call.service === "b") return Promise.reject(new Error("disk"));
      applied.push(call.service);
      return Promise.resolve({ ...APPLIED, reports: [reportOf(call.service)] });
    });
    expect(outcome).toMatchObject({
      kind: "unavailable",
      service: "b",
      overloaded: false,
      reports: [{ service: "a" }, { service: "c" }],
    });
    expect(applied).toEqual(["a", "c"]);
  });

  test("an object with too many calls waiting is told apart, for a 429", async () => {
    const outcome = await run(scanned("a"), new Gate(), () =>
      Promise.reject(Object.assign(new Error("full"), { overloaded: true })),
    );
    expect(outcome).toMatchObject({ kind: "unavailable", service: "a", overloaded: true });
  });

  test("without the fleet known services go on and unknown names go on only where their object exists", async () => {
    const [gate, admissions] = [new Gate(), new Admissions()];
    await run(scanned("known"), gate, () => Promise.resolve(APPLIED), admissions);
    gate.isDown = true;
    const calls: ApplyCall[] = [];
    const apply = (call: ApplyCall): Promise<ApplyAnswer> => {
      calls.push(call);
      return Promise.resolve(call.admitted || call.service === "exists" ? APPLIED : { kind: "not_admitted" });
    };
    // Long after what was remembered has to be asked for again
    expect(await run(scanned("known", "exists"), gate, apply, admissions, NOW_MS + 3_600_000)).toMatchObject({
      kind: "done",
      answer: { accepted: 2 },
    });
    expect(calls.map((call) => [call.service, call.admitted])).toEqual([
      ["known", true],
      ["exists", false],
    ]);
    expect(await run(scanned("new"), gate, apply, admissions)).toMatchObject({ kind: "unavailable", service: "new" });
  });

  test("a service that is not admitted because it was just deleted is not blamed on the fleet alone", async () => {
    const outcome = await run(scanned("gone"), new Gate(), () => Promise.resolve({ kind: "not_admitted" }));
    expect(outcome).toMatchObject({
      kind: "unavailable",
      service: "gone",
      detail: expect.stringMatching(/deleted within the last seconds, or it is new .* send the same batch again/),
    });
  });

  test("after a failure the fleet is asked at once, so that a quarantine ends what holds the partition up", async () => {
    const [gate, admissions] = [new Gate(), new Admissions()];
    await run(scanned("a"), gate, () => Promise.resolve(APPLIED), admissions);
    await run(scanned("a"), gate, () => Promise.reject(new Error("broken")), admissions);
    gate.refused = new Map([["a", "quarantined"]]);
    const outcome = await run(scanned("a"), gate, () => Promise.reject(new Error("broken")), admissions);
    expect(outcome).toMatchObject({ kind: "done", answer: { accepted: 0, rejected: [{ reason: "quarantined" }] } });
    expect(gate.asked).toHaveLength(2);
  });

  test("refused names are rejected by name and the rest is applied", async () => {
    const gate = new Gate();
    gate.refused = new Map([["b", "too_many_services"]]);
    const outcome = await run(scanned("a", "b", "b"), gate, () => Promise.resolve(APPLIED));
    expect(outcome).toMatchObject({
      kind: "done",
      answer: { accepted: 1, rejected: [{ reason: "too_many_services" }, { reason: "too_many_services" }] },
    });
  });
});

describe("a rejected event", () => {
  test.each([900_000, 900_001])(
    "of %d bytes comes with its bytes, cut at 900,000, and their full number",
    async (bytes) => {
      const line = new Uint8Array(bytes).fill(0x61);
      const result = scanBatch(line, { framing: "ndjson", clock_ms: NOW_MS });
      if (!result.ok) throw new Error(result.detail);
      const outcome = await run(result, new Gate(), () => Promise.resolve(APPLIED));
      const [rejected] = outcome.kind === "done" ? outcome.answer.rejected : [];
      expect(rejected).toMatchObject({ reason: "invalid_json", bytes });
      expect(atob(rejected!.value)).toBe("a".repeat(900_000));
    },
  );
});

describe("a service in quarantine", () => {
  const position: BatchPosition = { source: "s", topic: "t", partition: 0, first_offset: 7, last_offset: 9 };

  /** Messages of service `a` at offsets 7 to 9. */
  function framed(): ScannedBatch {
    const value = JSON.stringify({
      event_time: "2026-11-24T10:00:00Z",
      service: "a",
      endpoint: "/",
      latency_ms: 1,
      status_code: 200,
    });
    const lines = [7, 8, 9].map((offset) => `{"offset":${offset},"timestamp":${NOW_MS},"event":${value}}`);
    const result = scanBatch(new TextEncoder().encode(lines.join("\n")), { framing: position, clock_ms: NOW_MS });
    if (!result.ok) throw new Error(result.detail);
    return result;
  }

  const quarantined = (): Gate => {
    const gate = new Gate();
    gate.refused = new Map([["a", "quarantined"]]);
    return gate;
  };
  const send = (gate: Gate, apply: (call: ApplyCall) => Promise<ApplyAnswer>): Promise<IngestOutcome> =>
    run(framed(), gate, apply, new Admissions(), NOW_MS, position);

  test("has those rejected that its object refuses, and no others", async () => {
    const gate = quarantined();
    const outcome = await send(gate, (call) => {
      expect(call.quarantined).toBe(true);
      return Promise.resolve({ ...APPLIED, accepted: 0, duplicates: 1, refused: [{ first: 8, last: 20 }] });
    });
    expect(outcome).toMatchObject({ kind: "done", answer: { accepted: 0, duplicates: 1 } });
    expect(outcome.kind === "done" && outcome.answer.rejected).toMatchObject([
      { offset: 8, reason: "quarantined" },
      { offset: 9, reason: "quarantined" },
    ]);
    expect(gate.marked).toEqual([]);
  });

  test("whose object is broken, or new, has the Fleet remember that all is refused, before it says so", async () => {
    for (const apply of [
      (): Promise<ApplyAnswer> => Promise.reject(new Error("broken")),
      (): Promise<ApplyAnswer> => Promise.resolve({ kind: "quarantined" }),
    ]) {
      const gate = quarantined();
      const outcome = await send(gate, apply);
      expect(outcome).toMatchObject({ kind: "done", answer: { accepted: 0 } });
      expect(outcome.kind === "done" && outcome.answer.rejected.map(({ offset }) => offset)).toEqual([7, 8, 9]);
      expect(gate.marked).toEqual(["a"]);
    }
  });

  test("is asked for again where the Fleet cannot remember it, or has lifted it", async () => {
    const gate = quarantined();
    const outcome = await send(gate, () => {
      gate.refused = new Map();
      return Promise.reject(new Error("broken"));
    });
    expect(outcome).toMatchObject({ kind: "unavailable", service: "a" });
    const down = quarantined();
    const failed = await send(down, () => {
      down.isDown = true;
      return Promise.reject(new Error("broken"));
    });
    expect(failed).toMatchObject({ kind: "unavailable", service: "a" });
  });
});
