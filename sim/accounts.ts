/** What must have come of it in the end: a plain recomputation from the messages, and all parts of one mind. */
import type { Incident } from "../domain/incident.ts";
import type { DurableEvent } from "../domain/message.ts";
import { resolveSettings } from "../domain/settings-document.ts";
import { windowOf, windowsOf } from "../tests/delivery.ts";
import type { TestEvent } from "../tests/monitor-harness.ts";
import { recompute } from "../tests/stream-model.ts";
import type { MonitorHost } from "./monitor-host.ts";
import { checkNarratives, isFirstWords } from "./narratives.ts";
import { plainIncidents } from "./plain-stream.ts";
import type { Log } from "./stream.ts";
import type { World } from "./world.ts";

const HOUR_MS = 3_600_000;
const SECONDS_MAX = 100_000;

export function checkAccounts(world: World): void {
  for (const monitor of world.monitors) {
    checkDrained(world, monitor);
    checkCounts(world, monitor);
    checkSettings(world, monitor);
    checkNarratives(world, monitor);
  }
  checkFleet(world);
}

function checkDrained({ invariants, subscribers }: World, monitor: MonitorHost): void {
  const told = monitor.events().at(-1)?.seq;
  const heard = `newest event of ${monitor.service} that its subscribers heard of`;
  if (told !== undefined) invariants.equal("outbox_drains_in_order", heard, told, subscribers.heard(monitor.service));
  invariants.equal("outbox_drains_in_order", `rows of ${monitor.service} that wait`, 0, monitor.waiting());
}

function checkCounts(world: World, monitor: MonitorHost): void {
  const { service } = monitor;
  const { invariants } = world;
  const account = world.ledger.accountOf(service, world.logs);
  if (account === null) return;
  const { taken, unsure } = account;
  const counters = monitor.describe()?.counters ?? { accepted: 0, dropped: 0 };
  invariants.equal("exactly_once", `dropped of ${service}`, 0, counters.dropped);
  if (unsure.length > 0) {
    const isWithin = counters.accepted >= taken.length && counters.accepted <= taken.length + unsure.length;
    const expected = `${taken.length} to ${taken.length + unsure.length}`;
    invariants.holds("exactly_once", `accepted of ${service}`, isWithin, expected, counters.accepted);
    return;
  }
  invariants.equal("exactly_once", `accepted of ${service}`, taken.length, counters.accepted);
  const history = { history: world.history.table, service };
  const windows = "windows_equal_recomputation";
  invariants.equal(windows, `minutes of ${service}`, recompute([taken]), windowsOf(history));
  const hours = windowsOf(history, "service_metrics_hourly");
  invariants.equal(windows, `hours of ${service}`, recompute([taken], HOUR_MS), hours);
  const seconds = monitor.look((actor) => actor.windows(0, Number.MAX_SAFE_INTEGER, SECONDS_MAX)).items.map(windowOf);
  invariants.equal(windows, `seconds of ${service}`, recompute([taken], 1000), seconds);
}

function checkSettings({ invariants, operator, ledger }: World, monitor: MonitorHost): void {
  const held = monitor.look((actor) => actor.settings());
  // A batch that comes seconds after its service was deleted makes an object that the registry does not know, and tells
  // nothing, until its next event.
  if (held === null || ledger.isDeleted(monitor.service)) return;
  const expected = resolveSettings(operator.document, monitor.service);
  invariants.equal("settings_arrive", monitor.service, expected, held.settings);
}

function checkFleet({ invariants, fleet, monitors }: World): void {
  const [snapshot, ...events] = fleet.look((actor) => actor.greet({ after: 0, expires_at: null, min_severity: null }));
  if (snapshot === undefined || !("services" in snapshot)) return;
  for (const monitor of monitors) {
    const { service } = monitor;
    const open = monitor.describe()?.incident;
    const shown = snapshot.incidents.find((incident) => incident.service === service);
    const isRegistered = snapshot.services.some((entry) => entry.service === service);
    // An open incident's counts grow with each second and are told once a minute.
    const [expected, found] = [open?.status === "open" ? open : undefined, shown].map(nameOf);
    if (isRegistered) invariants.equal("fleet_agrees", service, expected, found);
  }
  const numbers = events.map((event) => ("seq" in event ? event.seq : null));
  const all = Array.from({ length: snapshot.seq }, (_, i) => i + 1);
  invariants.equal("outbox_drains_in_order", "numbers of the fleet's events", all, numbers);
}

function nameOf(incident: Incident | undefined): string | null {
  return incident === undefined ? null : `${incident.id} revision ${incident.revision}`;
}

/** Point 2b of section 5; gives how many services it says something of. */
export function checkIncidents(world: World): number {
  let compared = 0;
  for (const monitor of world.monitors) {
    const { service } = monitor;
    const streams = world.logs.map((log) => eventsOf(log, service));
    if (!isSettled(monitor, streams) || !monitor.arrivals.isSteady(streams, world.scheduler.now_ms)) continue;
    compared += 1;
    const found = monitor.events();
    const expected = plainIncidents(service, streams);
    world.invariants.equal("same_incidents_in_order", service, comparable(expected), comparable(found));
  }
  return compared;
}

/**
 * Incidents and the first words of each version, without what goes by the clock and by the words that the Narrator brings. Sums of
 * fractions differ in their last digit by the order in which endpoints were first met.
 */
function comparable(events: readonly DurableEvent[]): unknown {
  const told = events.flatMap((event, at): unknown[] => {
    if (event.type === "incident") return [{ action: event.action, incident: event.incident }];
    if (!isFirstWords(events, at)) return [];
    const { written_at: _written, revision: _number, ...words } = event.narrative;
    return [{ severity: event.severity, words }];
  });
  const text = JSON.stringify(told, (_, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(12)) : value,
  );
  return JSON.parse(text);
}

function eventsOf(log: Log, service: string): TestEvent[] {
  return log.flatMap((message) =>
    message.service === service && typeof message.event !== "string" ? [message.event] : [],
  );
}

/** Whether all seconds of the stream have closed. */
function isSettled(monitor: MonitorHost, streams: readonly (readonly TestEvent[])[]): boolean {
  const newest_ms = Math.max(...streams.flat().map((event) => event.event_time_ms));
  return (monitor.look((actor) => actor.watermark()) ?? -Infinity) >= newest_ms;
}
