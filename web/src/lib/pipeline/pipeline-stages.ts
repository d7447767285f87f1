/** The way of an event in figures: topic, bridge, services, and what comes after them. */
import { formatNumber, formatRate } from "../format/number.ts";
import type { PipelineItem } from "../../../../domain/pipeline.ts";
import type { PipelineCheck } from "./pipeline-check.ts";

export interface Stage {
  readonly name: string;
  readonly text: string;
  readonly unit: string;
  readonly beside: string;
  readonly isWrong: boolean;
}

export function pipelineStages({ fleet, asked }: PipelineItem, checks: readonly PipelineCheck[]): Stage[] {
  const rate = fleet?.request_rate ?? null;
  const services = fleet?.services ?? 0;
  const requests: Stage = {
    name: "Requests",
    text: formatRate(rate),
    unit: rate === null ? "" : "/s",
    beside: `from ${formatNumber(services)} ${services === 1 ? "service" : "services"}`,
    isWrong: false,
  };
  const of = (name: string, check: string, beside: (check: PipelineCheck) => string): Stage[] => {
    const found = checks.find((one) => one.name === check);
    if (found === undefined) return [];
    const { text, unit, state } = found;
    return [{ name, text, unit, beside: beside(found), isWrong: state === "outside" }];
  };
  const bridges = checks.find(({ name }) => name === "Bridges");
  return [
    requests,
    ...of("Bridge", "Lag", () => `waiting, ${bridges?.text ?? "–"} ${bridges?.unit ?? ""} heard`),
    ...of("Services", "Freshness", () => `behind, of the ${asked.length} busiest`),
    ...of("History", "History outbox", () => "waiting for D1"),
    ...of("Overview", "Fleet outbox", () => "waiting for the Fleet"),
    ...of("Narrator", "Narrator circuit", ({ text, about }) => (text === "–" ? about : `circuit ${about}`)),
  ];
}
