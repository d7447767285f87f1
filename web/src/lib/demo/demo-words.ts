/** Faults on purpose in words, and what of an incident is their doing. */
import { formatNumber, formatSpokenPercent } from "../format/number.ts";
import { DEMO_PLAYER_GONE_MS, type DemoFault, type DemoKind, type DemoState } from "../../../../domain/demo.ts";
import type { Incident } from "../../../../domain/incident.ts";

export const KIND_WORDS: Readonly<Record<DemoKind, string>> = {
  errors: "requests fail",
  latency: "requests are slow",
  traffic: "fewer or more requests",
  down: "no request comes",
};

/** Strengths to choose from, each as its value and in words; the middle ones are told within seconds. */
export const STRENGTHS: Readonly<Record<DemoKind, readonly { readonly value: number; readonly words: string }[]>> = {
  errors: [0.1, 0.3, 0.6, 0.9].map((value) => ({ value, words: `${formatSpokenPercent(value)} %` })),
  latency: [2, 4, 6, 10].map((value) => ({ value, words: `${value} times` })),
  traffic: [
    { value: 0.1, words: "a tenth" },
    { value: 0.5, words: "half" },
    { value: 3, words: "3 times" },
  ],
  down: [{ value: 1, words: "all" }],
};

/** Spans to choose from, seconds: in the shortest every kind is told. */
export const SPANS_S = [60, 120, 300] as const;

/** What is to be expected of the stopwatch, where ten seconds are not enough; null where they are. */
export function patienceWords(kind: DemoKind): string | null {
  if (kind !== "traffic" && kind !== "down") return null;
  return "Missing requests take longer to prove than failing ones, some 25 s: a batch that is only late looks the same at first.";
}

/** "checkout /cart/pay: 60 % of its requests fail" */
export function faultWords({
  service,
  endpoint,
  kind,
  strength,
}: Omit<DemoFault, "id" | "from" | "to" | "for_s">): string {
  const where = endpoint === null ? service : `${service} ${endpoint}`;
  switch (kind) {
    case "errors":
      return `${where}: ${formatSpokenPercent(strength)} % of its requests fail`;
    case "latency":
      return `${where}: ${formatNumber(strength, Number.isInteger(strength) ? 0 : 1)} times as slow`;
    case "traffic":
      return `${where}: ${formatNumber(strength, Number.isInteger(strength) ? 0 : 1)} times as many requests`;
    case "down":
      return `${where}: no request comes`;
  }
}

/** Whether a generator plays what is broken: it asks twice a second. */
export function isPlayed({ on, asked_at }: Pick<DemoState, "on" | "asked_at">, now_ms: number): boolean {
  return on && asked_at !== null && now_ms - Date.parse(asked_at) < DEMO_PLAYER_GONE_MS;
}

/**
 * The incident that tells of a fault: one of its service with a finding of after the fault began. An incident that was open
 * already takes the fault in as a further finding, or shows nothing new.
 */
export function toldBy(fault: Pick<DemoFault, "service" | "from">, incidents: Iterable<Incident>): Incident | null {
  const from_ms = Date.parse(fault.from);
  for (const incident of incidents) {
    if (incident.service !== fault.service) continue;
    if (incident.anomalies.some(({ detected_at }) => Date.parse(detected_at) > from_ms)) return incident;
  }
  return null;
}
