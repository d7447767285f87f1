/** The values of a fact as a person reads them. */
import { formatMilliseconds, formatNumber, formatPercent, formatRate } from "../format/number.ts";
import { formatMoment, formatSpan } from "../format/time.ts";
import type { Fact, FactValue } from "../../../../domain/evidence.ts";

/** A number and its unit, which stands in an element of its own. */
export interface ValueWords {
  readonly text: string;
  readonly unit: string;
}

export function valueWords({ value, unit }: FactValue): ValueWords {
  switch (unit) {
    case "share":
      return { text: formatPercent(value), unit: "%" };
    case "ms":
      return { text: formatMilliseconds(value), unit: "ms" };
    case "per_s":
      return { text: formatRate(value), unit: "/s" };
    case "count":
      return { text: formatNumber(value), unit: "" };
    case "times":
      return { text: formatRate(value), unit: "times" };
    case "s":
      return { text: formatSpan(value * 1000), unit: "" };
    case "at":
      return { text: formatMoment(value * 1000), unit: "" };
    case "code":
      // A class has one digit: 5 is told as 5xx.
      return { text: value < 10 ? `${value}xx` : String(value), unit: "" };
  }
}

/** The one value that a fact is about, set as its figure; null where it has none that says more than its sentence. */
export function leadingValue(fact: Fact): FactValue | null {
  return (
    fact.values.find((value) => value.name === "actual") ?? fact.values.find((value) => value.name === "share") ?? null
  );
}

/** What kind of fact it is, in a word or two. */
export const FACT_TITLES: Readonly<Record<Fact["kind"], string>> = {
  errors: "Errors",
  latency: "Latency",
  traffic: "Traffic",
  down: "Requests",
  budget: "Error budget",
  steady: "Unchanged",
  rising: "Traffic",
  onset: "Onset",
  endpoint: "Endpoint",
  spread: "All endpoints",
  statuses: "Status codes",
  impact: "Impact",
  deploy: "Deploy",
  neighbour: "Another service",
  alike: "Earlier ones alike",
  usual: "Usual at this hour",
  flapping: "Comes and goes",
  pipeline: "Pipeline",
  resolved: "End",
};

/** The service that a fact is about: another's onset is the other's. */
export function subjectOf({ kind, names }: Fact, service: string): string {
  return kind === "neighbour" ? (names[0] ?? service) : service;
}
