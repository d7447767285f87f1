/** Evidence of one incident, written by hand: errors on one endpoint after a release. */
import type { Evidence, Fact, FactValue } from "../domain/evidence.ts";

function value(name: string, of: number, unit: FactValue["unit"]): FactValue {
  return { name, value: of, unit };
}

/** 2026-11-24T10:02:11Z */
const ONSET = 1_795_514_531;

const FACTS: readonly Fact[] = [
  {
    id: "errors",
    kind: "errors",
    text: "31 % of requests failed (typically 0.42 %).",
    values: [value("actual", 0.314, "share"), value("typical", 0.0042, "share")],
    names: [],
  },
  {
    id: "latency",
    kind: "latency",
    text: "The slowest twentieth of requests took 1.5 s or longer (typically 410 ms), 3.7 times as long as usual.",
    values: [value("actual", 1530, "ms"), value("typical", 410, "ms"), value("ratio", 3.73, "times")],
    names: [],
  },
  {
    id: "steady.1",
    kind: "steady",
    text: "Traffic is as usual: 40/s (typically 39/s).",
    values: [value("actual", 40.2, "per_s"), value("typical", 38.8, "per_s")],
    names: [],
  },
  {
    id: "onset",
    kind: "onset",
    text: "It began at 10:02:11 UTC and was told 12 s later.",
    values: [value("onset", ONSET, "at"), value("told_after", 12, "s")],
    names: [],
  },
  {
    id: "endpoint.1",
    kind: "endpoint",
    text: "“/cart/pay” carries 92 % of the excess.",
    values: [value("share", 0.92, "share")],
    names: ["/cart/pay"],
  },
  {
    id: "statuses.5",
    kind: "statuses",
    text: "5xx answers carry 96 % of the excess.",
    values: [value("share", 0.96, "share"), value("class", 5, "code")],
    names: [],
  },
  {
    id: "impact",
    kind: "impact",
    text: "Of 12,340 requests since the onset 1,240 failed; about 1,190 (1,100 to 1,300) more than normal.",
    values: [
      value("requests", 12_340, "count"),
      value("failed", 1_240, "count"),
      value("excess", 1_190, "count"),
      value("excess_low", 1_100, "count"),
      value("excess_high", 1_300, "count"),
    ],
    names: [],
  },
  {
    id: "deploy",
    kind: "deploy",
    text: "Version “2.4.0” came after “17” at 10:00:11 UTC, 120 s before the onset.",
    values: [value("before", 120, "s"), value("deployed", ONSET - 120, "at")],
    names: ["2.4.0", "17"],
  },
  {
    id: "neighbour.1",
    kind: "neighbour",
    text: "payment-gateway had more errors at 10:02:41 UTC, 30 s after this onset.",
    values: [value("after", 30, "s"), value("began", ONSET + 30, "at")],
    names: ["payment-gateway"],
  },
];

export function evidenceExample(more: Partial<Evidence> = {}): Evidence {
  return {
    incident_id: "checkout-1795514543-error_rate",
    service: "checkout",
    version: 3,
    subject: {
      status: "open",
      severity: "critical",
      metric_name: "error_rate",
      anomaly_type: "error_rate",
      endpoint: "/cart/pay",
      onset_at: "2026-11-24T10:02:11Z",
      opened_at: "2026-11-24T10:02:23Z",
      updated_at: "2026-11-24T10:05:40Z",
      resolved_at: null,
      resolution: null,
      historical: false,
    },
    affected_metrics: ["error_rate", "p95_latency_ms"],
    facts: FACTS,
    links: { runbook: "https://wiki.example/checkout", traces: null },
    ...more,
  };
}

/** What a good model would write of it: passes the check as it is. */
export function answerExample(): AnswerDraft {
  return {
    summary: [
      { text: "Since 10:02:11 UTC, 31 % of checkout's requests fail (typically 0.42 %).", facts: ["errors", "onset"] },
      { text: '"/cart/pay" carries 92 % of the excess, while traffic is as usual.', facts: ["endpoint.1", "steady.1"] },
    ],
    possible_causes: [
      {
        cause: "release",
        certainty: "LIKELY",
        text: 'Version "2.4.0" came 2 minutes before it began: the release may have brought it.',
        facts: ["deploy", "onset"],
      },
      {
        cause: "endpoint_dependency",
        certainty: "INCONCLUSIVE",
        text: "Something that /cart/pay alone depends on may fail.",
        facts: ["endpoint.1"],
      },
    ],
    recommended_actions: [
      { text: 'Read what "2.4.0" changed in /cart/pay and roll it back if it fits.', facts: ["deploy", "endpoint.1"] },
      { text: "Check the traces of /cart/pay since 10:02 UTC.", facts: ["endpoint.1", "onset"] },
    ],
  };
}

/** An answer's form without the fixed words of its type, so that tests can put wrong ones in. */
export interface AnswerDraft {
  summary: { text: string; facts: string[] }[];
  possible_causes: { cause: string; certainty: string; text: string; facts: string[] }[];
  recommended_actions: { text: string; facts: string[] }[];
}
