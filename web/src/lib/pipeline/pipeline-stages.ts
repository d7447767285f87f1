/** The way of an event in figures: topic, bridge, Worker, services; and what goes on from there. */
import { formatNumber, formatRate } from "../format/number.ts";
import { normalWords, rangeOf } from "./pipeline-hour.ts";
import { newest } from "./readings.ts";
import type { PipelineCheck, PipelineHour } from "./pipeline-check.ts";

export interface Stage {
  readonly name: string;
  readonly text: string;
  readonly unit: string;
  readonly beside: string;
  readonly isWrong: boolean;
}

/** Of a row: first those that an event passes, then those that hear of what was found. */
export interface StageRows {
  readonly way: readonly Stage[];
  readonly beyond: readonly Stage[];
}

export function pipelineStages(hour: PipelineHour, checks: readonly PipelineCheck[]): StageRows {
  const of = (name: string, check: string, beside: (check: PipelineCheck) => string): Stage => {
    const found = checks.find((one) => one.name === check);
    if (found === undefined) return { name, text: "–", unit: "", beside: NONE[name] ?? "", isWrong: false };
    const { text, unit, state } = found;
    return { name, text, unit, beside: beside(found), isWrong: state === "outside" };
  };
  const normally = ({ range, normal }: PipelineCheck): string => (range === null ? "" : `, normally ${normal}`);
  return {
    way: [
      topicStage(hour),
      of("Bridge", "Lag", (check) => (check.value === null ? "no bridge tells its lag" : `waiting${normally(check)}`)),
      of("Ingest", "Ingest", (check) => `an answer, p99${normally(check)}`),
      of("Services", "Freshness", (check) => `behind the clock${normally(check)}`),
    ],
    beyond: [
      historyStage(hour, checks),
      narratorStage(hour, checks),
      of("Deliveries", "Deliveries", (check) => deliveriesBeside(hour, check)),
      of("Topics out", "Topics out", (check) => `wait for the slowest reader${normally(check)}`),
    ],
  };
}

/** What stands beside a station that there is none of. */
const NONE: Readonly<Record<string, string>> = { "Topics out": "nobody reads /v1/changes" };

function topicStage(hour: PipelineHour): Stage {
  const { fleet } = newest(hour.readings);
  const rate = fleet?.request_rate ?? null;
  const services = fleet?.services ?? 0;
  const range = rangeOf(newest(hour.readings), "request_rate");
  const normal = range === null ? "" : `, normally ${normalWords(range, formatRate, "")}`;
  return {
    name: "Topic",
    text: formatRate(rate),
    unit: rate === null ? "" : "/s",
    beside: `from ${formatNumber(services)} ${services === 1 ? "service" : "services"}${normal}`,
    isWrong: false,
  };
}

/** How long what waits has been overdue: rows that wait for their turn are no lag. */
function historyStage(hour: PipelineHour, checks: readonly PipelineCheck[]): Stage {
  const behind = hour.live.history_behind_s;
  const outbox = checks.find(({ name }) => name === "History outbox");
  const waiting = outbox === undefined || outbox.value === null ? "" : `, ${outbox.text} rows wait their turn`;
  const isWrong = outbox?.state === "outside";
  return {
    name: "History",
    text: formatNumber(behind),
    unit: behind === null ? "" : "s",
    beside: isWrong ? `behind, ${outbox?.text} rows wait` : `behind${waiting}`,
    isWrong,
  };
}

function narratorStage({ readings }: PipelineHour, checks: readonly PipelineCheck[]): Stage {
  const { narrator } = newest(readings);
  const circuit = checks.find(({ name }) => name === "Narrator circuit");
  const isWrong =
    circuit?.state === "outside" || checks.some(({ name, state }) => name === "Narrator" && state === "outside");
  if (narrator === null) return { name: "Narrator", text: "–", unit: "", beside: "does not answer", isWrong };
  const beside = narrator.model === null ? "no model is set up" : `waiting, circuit ${circuit?.text ?? ""}`;
  const unit = narrator.waiting === 1 ? "incident" : "incidents";
  return { name: "Narrator", text: formatNumber(narrator.waiting), unit, beside, isWrong };
}

function deliveriesBeside({ readings }: PipelineHour, check: PipelineCheck): string {
  const { subscriptions } = newest(readings);
  if (subscriptions === null) return "their list cannot be read";
  const { total, waiting, unhealthy } = subscriptions;
  if (total === 0) return "nobody is subscribed";
  const bad = unhealthy.length === 0 ? "" : `, ${formatNumber(unhealthy.length)} of ${formatNumber(total)} fail`;
  const normal = check.range === null ? "" : `, normally ${check.normal}`;
  const what = check.value === null ? "none in 10 min" : `an answer, p99${normal}`;
  return `${what}; ${formatNumber(waiting)} wait${bad}`;
}
