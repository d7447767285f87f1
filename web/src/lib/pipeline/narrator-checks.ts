/** Whether incidents get a model's words. Without any of it they have the template's. */
import { formatNumber } from "../format/number.ts";
import { newest, sinceSeen } from "./readings.ts";
import type { CircuitState } from "../../../../domain/narrator.ts";
import type { PipelineCheck, Readings } from "./pipeline-check.ts";

const CIRCUIT: Readonly<Record<CircuitState, string>> = { closed: "closed", half_open: "half open", open: "open" };

const TEMPLATE = "Incidents have the template's words meanwhile.";

export function narratorChecks(readings: Readings): PipelineCheck[] {
  const { narrator } = newest(readings);
  const none = { unit: "", range: null, value: null, text: "–", since_ms: null, wrong: "", advice: "" } as const;
  const [circuit, waiting] = ["Narrator circuit", "Narrator"] as const;
  if (narrator === null) {
    const wrong = "The Narrator does not answer.";
    const since_ms = sinceSeen(readings, (reading) => reading.narrator === null);
    const advice = `The Worker's log has the error. ${TEMPLATE}`;
    return [
      { ...none, name: circuit, about: "does not answer", normal: "closed", state: "outside", since_ms, wrong, advice },
    ];
  }
  const {
    model,
    problem,
    circuit: { state, since, reason, failures },
  } = narrator;
  const isBroken = problem !== null || state !== "closed";
  const checks: PipelineCheck[] = [
    {
      ...none,
      name: circuit,
      about: model === null ? "no model is set up: narratives are the template's" : `before ${model}`,
      text: model === null && problem === null ? "–" : CIRCUIT[state],
      normal: "closed",
      state: isBroken ? "outside" : model === null ? "unknown" : "normal",
      since_ms: since === null ? null : Date.parse(since),
      wrong: problem ?? (state === "closed" ? "" : `${model} does not answer: ${failures} calls failed in a row.`),
      advice: isBroken ? `${reason === null ? "" : `The last one met: ${reason} `}${TEMPLATE}` : "",
    },
  ];
  if (model !== null) {
    checks.push({
      ...none,
      name: waiting,
      about: `incidents that wait for words; ${formatNumber(narrator.tokens_today)} of ${formatNumber(narrator.budget)} tokens of today are spent`,
      value: narrator.waiting,
      text: formatNumber(narrator.waiting),
      unit: "incidents",
      normal: "a few, while incidents open",
      state: "normal",
    });
  }
  return checks;
}
