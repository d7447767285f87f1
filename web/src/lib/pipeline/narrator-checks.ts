/** Whether incidents get a model's words. Without any of it they have the template's. */
import { formatNumber } from "../format/number.ts";
import { normalWords, outsideSince, rangeOf } from "./pipeline-hour.ts";
import { newest, sinceSeen } from "./readings.ts";
import { NO_FIGURE, usualTimeCheck } from "./usual-check.ts";
import type { CircuitState, NarratorStatus } from "../../../../domain/narrator.ts";
import type { PipelineCheck, PipelineHour } from "./pipeline-check.ts";

const CIRCUIT: Readonly<Record<CircuitState, string>> = { closed: "closed", half_open: "half open", open: "open" };

const TEMPLATE = "Incidents have the template's words meanwhile.";

export function narratorChecks(hour: PipelineHour): PipelineCheck[] {
  const { readings } = hour;
  const { narrator } = newest(readings);
  const circuit = "Narrator circuit";
  if (narrator === null) {
    const wrong = "The Narrator does not answer.";
    const seen_ms = sinceSeen(readings, (reading) => reading.narrator === null);
    const since_ms = outsideSince(hour, "narrator_away") ?? seen_ms;
    const advice = `The Worker's log has the error. ${TEMPLATE}`;
    return [
      {
        ...NO_FIGURE,
        name: circuit,
        about: "does not answer",
        normal: "closed",
        state: "outside",
        since_ms,
        wrong,
        advice,
      },
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
      ...NO_FIGURE,
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
  return model === null ? checks : [...checks, answersCheck(hour), queueCheck(hour, narrator)];
}

function answersCheck(hour: PipelineHour): PipelineCheck {
  return usualTimeCheck(hour, {
    name: "Narrator",
    about: "answers of the model in the last 10 min, p95",
    figure: "narrator_p95_ms",
    value: hour.live.narrator_p95_ms,
    unit: "s",
    format: (ms) => formatNumber(ms / 1000, 1),
    wrong: (time) => `The model answers after ${time}.`,
    advice: TEMPLATE,
  });
}

function queueCheck(hour: PipelineHour, { waiting, tokens_today, budget }: NarratorStatus): PipelineCheck {
  const range = rangeOf(newest(hour.readings), "narrator_waiting");
  return {
    name: "Narrator queue",
    about: `incidents that wait for words; ${formatNumber(tokens_today)} of ${formatNumber(budget)} tokens of today are spent`,
    figure: "narrator_waiting",
    value: waiting,
    text: formatNumber(waiting),
    unit: "incidents",
    normal: normalWords(range, formatNumber, "a few, while incidents open"),
    range,
    state: "normal",
    since_ms: null,
    wrong: "",
    advice: "",
  };
}
