/** A narrative for tests: the template's words on checkout failing since 10:04:12, with what a test wants otherwise. */
import type { Fact } from "../../../../domain/evidence.ts";
import type { Narrative, NarrativeSource, Story } from "../../../../domain/narrative.ts";

const value = (name: string, number: number, unit: Fact["values"][number]["unit"]) => ({ name, value: number, unit });

export const FACTS = {
  errors: {
    id: "errors",
    kind: "errors",
    text: "31 % of requests failed (typically 0.4 %).",
    values: [value("actual", 0.31, "share"), value("typical", 0.004, "share")],
    names: [],
  },
  traffic: {
    id: "steady.1",
    kind: "steady",
    text: "Traffic is as usual: 318 a second (typically 310).",
    values: [value("actual", 318, "per_s"), value("typical", 310, "per_s")],
    names: [],
  },
  pay: {
    id: "endpoint.1",
    kind: "endpoint",
    text: "/cart/pay carries 92 % of the excess.",
    values: [value("share", 0.92, "share")],
    names: ["/cart/pay"],
  },
  payments: {
    id: "neighbour.1",
    kind: "neighbour",
    text: "payments became slow 14 s before.",
    values: [value("onset", 1_795_514_638, "at"), value("before", 14, "s")],
    names: ["payments"],
  },
} as const satisfies Record<string, Fact>;

const TEMPLATE = { source: "template", reason: "no_model", llm_model: null, latency_ms: null } as const;

const STORY: Story = {
  summary: [{ text: "31 % of the requests to checkout fail.", facts: ["errors"] }],
  possible_causes: [
    { text: "The facts do not tell a cause.", facts: ["errors"], cause: "unknown", certainty: "INCONCLUSIVE" },
  ],
  recommended_actions: [{ text: "Look at /cart/pay.", facts: ["endpoint.1"], url: null }],
};

export function aNarrative(
  wanted: Partial<Omit<Narrative, keyof NarrativeSource>>,
  source: NarrativeSource = TEMPLATE,
): Narrative {
  return {
    incident_id: "checkout-1795514658-error_rate",
    service: "checkout",
    version: 1,
    revision: 1,
    window_start: "2026-11-24T10:04:12Z",
    window_end: "2026-11-24T10:04:18Z",
    written_at: "2026-11-24T10:04:19Z",
    affected_metrics: ["error_rate"],
    evidence: Object.values(FACTS),
    ...STORY,
    ...wanted,
    ...source,
  };
}
