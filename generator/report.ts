/** What the generator prints: one line an occurrence, readable or as JSON, so that a person or a test can check against it. */
import { describeFault, type Fault } from "./fault.ts";

export type Occurrence =
  | {
      readonly kind: "start";
      readonly to: string;
      readonly services: readonly string[];
      readonly rate: number;
      readonly seed: number;
    }
  | { readonly kind: "history"; readonly sent: number; readonly percent: number }
  | { readonly kind: "fault"; readonly fault: Fault }
  | { readonly kind: "heal"; readonly fault: Fault }
  /** Whether faults are taken from Faultline's demo mode, and where not, why. */
  | { readonly kind: "demo"; readonly to: string; readonly trouble: string | null }
  | { readonly kind: "waiting"; readonly to: string; readonly reason: string }
  | { readonly kind: "resumed"; readonly after_s: number }
  | { readonly kind: "dropped"; readonly about: number; readonly span_s: number }
  | { readonly kind: "rejected"; readonly count: number; readonly reason: string }
  | ({ readonly kind: "summary" } & Totals);

export interface Totals {
  readonly sent: number;
  readonly rejected: number;
  readonly dropped_about: number;
  readonly seconds: number;
}

/** `at_ms`: event time for faults, the clock for all else. */
export type Report = (at_ms: number, occurrence: Occurrence) => void;

export function createReport(json: boolean, write: (line: string) => void): Report {
  return (at_ms, occurrence) => {
    const at = new Date(at_ms).toISOString();
    write(json ? JSON.stringify({ at, ...asJson(occurrence) }) : `${at.slice(11, 19)}Z  ${inWords(occurrence)}`);
  };
}

function asJson(occurrence: Occurrence): object {
  if (occurrence.kind !== "fault" && occurrence.kind !== "heal") return occurrence;
  const { from_ms, to_ms, kind, ...fault } = occurrence.fault;
  return {
    kind: occurrence.kind,
    fault: kind,
    ...fault,
    from: new Date(from_ms).toISOString(),
    to: new Date(to_ms).toISOString(),
  };
}

function inWords(occurrence: Occurrence): string {
  switch (occurrence.kind) {
    case "start":
      return `${occurrence.rate} events/s of ${inBrief(occurrence.services)} to ${occurrence.to}, seed ${occurrence.seed}`;
    case "history":
      return `the last 2 hours: ${occurrence.percent} % sent, ${counted(occurrence.sent)}`;
    case "fault":
      return `FAULT  ${describeFault(occurrence.fault)}, until ${new Date(occurrence.fault.to_ms).toISOString().slice(11, 19)}Z`;
    case "heal":
      return `HEALED ${describeFault(occurrence.fault)}`;
    case "demo":
      return occurrence.trouble === null
        ? `plays what is broken at ${occurrence.to} (\`faultline break --help\`)`
        : `cannot ask ${occurrence.to} what to break (${occurrence.trouble}): asking on`;
    case "waiting":
      return `${occurrence.to} cannot take events (${occurrence.reason}): trying again until it can`;
    case "resumed":
      return `sending again after ${occurrence.after_s.toFixed(1)} s`;
    case "dropped":
      return `dropped ${occurrence.span_s} s of events that could not be sent in time, about ${counted(occurrence.about)}`;
    case "rejected":
      return `${counted(occurrence.count)} rejected: ${occurrence.reason}`;
    case "summary":
      return inSummary(occurrence);
  }
}

function inSummary(totals: Totals): string {
  const refused = totals.rejected > 0 ? `, ${totals.rejected.toLocaleString("en")} of them rejected` : "";
  const dropped = totals.dropped_about > 0 ? `; about ${counted(totals.dropped_about)} dropped` : "";
  return `sent ${counted(totals.sent)} in ${totals.seconds.toFixed(1)} s${refused}${dropped}`;
}

function inBrief(services: readonly string[]): string {
  return services.length > 6 ? `${services.length} services` : services.join(", ");
}

function counted(events: number): string {
  return `${events.toLocaleString("en")} ${events === 1 ? "event" : "events"}`;
}
