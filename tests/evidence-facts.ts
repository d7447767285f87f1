/** Facts as they are taken of an incident, to put evidence together from: each a plain case of its kind. */
import type { Evidence, Fact } from "../domain/evidence.ts";
import { at, count, fact, milliseconds, perSecond, seconds, share, times } from "../domain/evidence-values.ts";
import { evidenceExample } from "./evidence-example.ts";

/** 2026-11-24T10:02:11Z */
export const ONSET = 1_795_514_531;

const words = "In words.";

export const FACT = {
  errors: fact("errors", words, [share("actual", 0.31), share("typical", 0.004)]),
  newErrors: fact("errors", words, [share("actual", 0.31)]),
  latency: fact("latency", words, [milliseconds("actual", 1530), milliseconds("typical", 210)]),
  traffic: fact("traffic", words, [perSecond("actual", 3), perSecond("typical", 20)]),
  down: fact("down", words, [at("since", ONSET), perSecond("typical", 20)]),
  budget: fact("budget", words, [times("actual", 20.5), times("limit", 14.4)]),
  steadyTraffic: fact("steady", words, [perSecond("actual", 20), perSecond("typical", 20)], [], 1),
  steadyLatency: fact("steady", words, [milliseconds("actual", 83), milliseconds("typical", 84)], [], 2),
  steadyErrors: fact("steady", words, [share("actual", 0.004), share("typical", 0.004)], [], 3),
  rising: fact("rising", words, [perSecond("actual", 62), perSecond("typical", 20), times("ratio", 3.1)]),
  onset: fact("onset", words, [at("onset", ONSET), seconds("told_after", 3)]),
  pay: fact("endpoint", words, [share("share", 0.97), share("actual", 0.9), share("typical", 0.004)], ["/pay"], 1),
  half: fact("endpoint", words, [share("share", 0.52), share("actual", 0.4), share("typical", 0.004)], ["/pay"], 1),
  rest: fact("endpoint", words, [share("share", 0.4), share("actual", 0.3), share("typical", 0.004)], ["/cart"], 2),
  spread: fact("spread", words, [count("endpoints", 3), share("largest", 0.41)]),
  clients: fact("statuses", words, [{ name: "class", value: 4, unit: "code" }, share("share", 0.93)], [], 4),
  servers: fact("statuses", words, [{ name: "class", value: 5, unit: "code" }, share("share", 1)], [], 5),
  fewClients: fact("statuses", words, [{ name: "class", value: 4, unit: "code" }, share("share", 0.1)], [], 4),
  impact: fact("impact", words, [
    count("requests", 5000),
    count("failed", 1234),
    count("slow", 7),
    count("excess", 1200),
  ]),
  usual: fact("usual", words, [at("usual", ONSET)]),
  pipeline: fact("pipeline", words, []),
  together: fact("neighbour", words, [seconds("after", 2), at("began", ONSET + 2)], ["search"], 1),
  later: fact("neighbour", words, [seconds("after", 30), at("began", ONSET + 30)], ["web"], 1),
} as const;

export function deployed(before_s: number): Fact {
  return fact("deploy", words, [seconds("before", before_s), at("deployed", ONSET - before_s)], ["2.4.1", "2.4.0"]);
}

export function neighbour(service: string, before_s: number, rank = 1): Fact {
  return fact("neighbour", words, [seconds("before", before_s), at("began", ONSET - before_s)], [service], rank);
}

export function alike(number: number, lasted_s: number | null): Fact {
  const lasted = lasted_s === null ? null : seconds("newest_lasted", lasted_s);
  return fact("alike", words, [count("incidents", number), seconds("newest_before", 86_400), lasted]);
}

export function flapping(reopened: number | null, quiet_s: number | null): Fact {
  const back = reopened === null ? null : count("reopened", reopened);
  return fact("flapping", words, [quiet_s === null ? null : seconds("quiet", quiet_s), back]);
}

/** It ended 589 s after the onset; `newer`: a version that came so many seconds before that. */
export function ended(newer_s: number | null = null): Fact {
  const newer = newer_s === null ? null : seconds("deployed_before_end", newer_s);
  const values = [at("ended", ONSET + 589), seconds("lasted", 589), newer];
  return fact("resolved", words, values, newer_s === null ? [] : ["2.4.2"]);
}

/** Evidence of `checkout` with these facts; it is over where `resolved` is one of them. */
export function evidenceOf(facts: readonly Fact[], more: Partial<Evidence> = {}): Evidence {
  const { subject } = evidenceExample();
  const isOver = facts.some(({ kind }) => kind === "resolved");
  const end = isOver
    ? ({ status: "resolved", resolution: "recovered", resolved_at: "2026-11-24T10:12:00Z" } as const)
    : {};
  return evidenceExample({ facts, links: { runbook: null, traces: null }, subject: { ...subject, ...end }, ...more });
}
