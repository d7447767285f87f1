/** What people do to incidents, over a service's actor with real SQL. */
import { beforeEach, describe, expect, test } from "vitest";
import type { Incident } from "../domain/incident.ts";
import type { IncidentAct, IncidentAnswer } from "../domain/incident-act.ts";
import { MonitorHarness, START_MS, traffic } from "../tests/monitor-harness.ts";

const FIVE_MIN_S = 300;
let harness: MonitorHarness;

/** Health for five minutes, then half of the requests fail. */
async function withIncident(): Promise<Incident> {
  await harness.live(traffic(START_MS, FIVE_MIN_S, 10, 0));
  await harness.live(traffic(START_MS + 300_000, 60, 10, 2, 3000));
  return newest();
}

function newest(): Incident {
  return [...harness.fleet.events.values()].at(-1)!.incident;
}

function act(incident_id: string, what: IncidentAct, known: Incident | null = null): IncidentAnswer {
  return harness.actor.act({ incident_id, act: what, actor: "admin by token", known });
}

function done(answer: IncidentAnswer): Incident {
  if (answer.kind !== "done") throw new Error(answer.kind);
  return answer.incident;
}

beforeEach(() => {
  harness = new MonitorHarness("checkout", START_MS);
});

describe("an incident that somebody acknowledges", () => {
  test("says when and by whom, at once to live sockets and durably to history, the fleet and the audit log", async () => {
    const { id, revision } = await withIncident();
    harness.sockets.sent.length = 0;
    const acknowledged = done(act(id, { kind: "acknowledge", by: "Ada" }));
    const expected = { acknowledged_at: "2026-11-24T10:06:00Z", acknowledged_by: "Ada", revision: revision + 1 };
    expect(acknowledged).toMatchObject(expected);
    expect(harness.sockets.sent).toContainEqual(
      expect.objectContaining({ type: "incident", action: "updated", incident: acknowledged }),
    );
    harness.evict();
    await harness.actor.drain();
    expect(harness.history.of("incidents")).toEqual([expect.objectContaining(expected)]);
    expect(newest()).toEqual(acknowledged);
    expect(harness.history.of("audit_log")).toEqual([
      {
        id: `incident.acknowledged ${id} ${revision + 1}`,
        at: "2026-11-24T10:06:00Z",
        actor: "admin by token",
        action: "incident.acknowledged",
        subject: "checkout",
        detail: JSON.stringify({ incident_id: id, by: "Ada" }),
        revision: 1,
      },
    ]);
  });

  test("keeps the first who took it on", async () => {
    const { id } = await withIncident();
    const first = done(act(id, { kind: "acknowledge", by: "Ada" }));
    const written = harness.storage.rows_written;
    expect(done(act(id, { kind: "acknowledge", by: "Grace" }))).toEqual(first);
    expect(harness.storage.rows_written).toBe(written);
  });

  test("loses nothing while history and the fleet are down and the object is evicted", async () => {
    const { id } = await withIncident();
    harness.history.isDown = harness.fleet.isDown = true;
    const acknowledged = done(act(id, { kind: "acknowledge", by: "Ada" }));
    await harness.advance(10_000);
    harness.evict();
    harness.history.isDown = harness.fleet.isDown = false;
    await harness.advance(60_000);
    expect(harness.history.of("incidents")[0]).toMatchObject({ acknowledged_by: "Ada" });
    expect(newest().revision).toBe(acknowledged.revision);
    expect(harness.history.of("audit_log")).toHaveLength(1);
  });
});

describe("an incident that somebody resolves", () => {
  test("ends with its anomalies, and does not open again while the fault goes on", async () => {
    const { id } = await withIncident();
    expect(done(act(id, { kind: "resolve" }))).toMatchObject({
      status: "resolved",
      resolution: "manual",
      anomalies: [{ resolved: true }],
    });
    harness.evict();
    await harness.live(traffic(START_MS + 360_000, 120, 10, 2, 3600));
    expect(newest()).toMatchObject({ id, status: "resolved" });
    expect(harness.actor.describe()).toMatchObject({ status: "healthy", incident: null });
  });

  test("opens again when the fault returns after it had gone", async () => {
    const { id } = await withIncident();
    done(act(id, { kind: "resolve" }));
    await harness.live(traffic(START_MS + 360_000, 120, 10, 0, 3600));
    await harness.live(traffic(START_MS + 480_000, 60, 10, 2, 4800));
    expect(newest()).toMatchObject({ id, status: "open", reopened_count: 1 });
  });

  test("cannot be resolved twice", async () => {
    const { id } = await withIncident();
    const resolved = done(act(id, { kind: "resolve" }));
    expect(act(id, { kind: "resolve" })).toEqual({ kind: "already_resolved", incident: resolved });
  });
});

describe("what somebody says of an incident", () => {
  test("stands with it and in the feedback, and can be taken back", async () => {
    const { id } = await withIncident();
    const told = done(act(id, { kind: "feedback", verdict: "false_positive" }));
    expect(told.feedback).toBe("false_positive");
    expect(done(act(id, { kind: "feedback", verdict: "false_positive" }))).toEqual(told);
    await harness.actor.drain();
    const row = { incident_id: id, service: "checkout", metric_name: "error_rate", actor: "admin by token" };
    expect(harness.history.of("feedback")).toEqual([expect.objectContaining({ ...row, verdict: "false_positive" })]);
    expect(done(act(id, { kind: "feedback", verdict: null })).feedback).toBeNull();
    await harness.actor.drain();
    expect(harness.history.of("feedback")).toEqual([expect.objectContaining({ ...row, verdict: null })]);
    expect(harness.history.of("audit_log")).toHaveLength(2);
  });
});

describe("an older incident", () => {
  test("is numbered on from what the object still holds of it", async () => {
    const { id } = await withIncident();
    await harness.live(traffic(START_MS + 360_000, 600, 10, 0, 3600));
    await harness.live(traffic(START_MS + 960_000, 60, 10, 2, 9600));
    expect(newest().id).not.toBe(id);
    const { revision } = harness.history.of("incidents").find((row) => row.id === id)!;
    const marked = done(act(id, { kind: "feedback", verdict: "useful" }));
    expect(marked).toMatchObject({ id, status: "resolved", feedback: "useful", revision: revision + 1 });
    expect(done(act(id, { kind: "acknowledge", by: "Ada" }))).toMatchObject({
      feedback: "useful",
      revision: revision + 2,
    });
    expect(harness.actor.describe()!.incident).toMatchObject({ status: "open", feedback: null });
  });

  test("that the object forgot is told by history, and one that nobody knows is unknown", async () => {
    const held = await withIncident();
    const older: Incident = { ...held, id: "checkout-1-error_rate", status: "resolved", revision: 7 };
    expect(act(older.id, { kind: "acknowledge", by: "Ada" })).toEqual({ kind: "unknown" });
    expect(done(act(older.id, { kind: "acknowledge", by: "Ada" }, older))).toMatchObject({ id: older.id, revision: 8 });
    // From now on the object knows it better than a history that lags.
    expect(done(act(older.id, { kind: "feedback", verdict: "useful" }, older))).toMatchObject({
      revision: 9,
      acknowledged_by: "Ada",
    });
  });
});

describe("a false positive", () => {
  test("raises the guard of its metric, as the service's page shows, and taken back it leaves nothing", async () => {
    const { id } = await withIncident();
    act(id, { kind: "feedback", verdict: "false_positive" });
    harness.evict();
    expect(harness.actor.describe()!.guards).toEqual([
      {
        metric_name: "error_rate",
        marks: expect.closeTo(1, 3),
        wait_s: 60,
        told_from: expect.closeTo(1, 3),
        until: expect.stringMatching(/^2026-12-08T/),
      },
    ]);
    act(id, { kind: "feedback", verdict: "useful" });
    expect(harness.actor.describe()!.guards).toEqual([]);
  });

  test("makes the like of it wait", async () => {
    const { id } = await withIncident();
    act(id, { kind: "feedback", verdict: "false_positive" });
    act(id, { kind: "resolve" });
    await harness.live(traffic(START_MS + 360_000, 600, 10, 0, 3600));
    await harness.live(traffic(START_MS + 960_000, 40, 10, 2, 9600));
    expect(newest()).toMatchObject({ id, status: "resolved" });
    await harness.live(traffic(START_MS + 1_000_000, 60, 10, 2, 10_000));
    expect(newest()).toMatchObject({ status: "open", onset_at: "2026-11-24T10:16:00Z" });
  });
});
