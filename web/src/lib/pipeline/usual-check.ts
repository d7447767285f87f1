/** Checks that are judged by what is usual of a time, and what a check has where there is no figure. */
import { isOutside, type FigureName } from "../../../../domain/pipeline-normal.ts";
import { normalWords, outsideSince, rangeOf } from "./pipeline-hour.ts";
import { newest } from "./readings.ts";
import type { PipelineCheck, PipelineHour } from "./pipeline-check.ts";

/** Of a check that has no figure, and of which nothing is wrong. */
export const NO_FIGURE = {
  figure: null,
  unit: "",
  range: null,
  value: null,
  text: "–",
  since_ms: null,
  wrong: "",
  advice: "",
} as const;

interface UsualTime extends Pick<PipelineCheck, "name" | "about" | "value" | "unit" | "advice"> {
  readonly figure: FigureName;
  readonly format: (value: number) => string;
  /** What is wrong where it is, as a sentence; `text`: the time with its unit. */
  readonly wrong: (text: string) => string;
}

/** `advice`: where it is outside. Without a value nothing is known. */
export function usualTimeCheck(hour: PipelineHour, time: UsualTime): PipelineCheck {
  const { name, about, figure, value, unit, format, wrong, advice } = time;
  const range = rangeOf(newest(hour.readings), figure);
  const outside = isOutside(figure, value, range);
  const text = value === null ? "–" : format(value);
  return {
    name,
    about,
    figure,
    value,
    text,
    unit: value === null ? "" : unit,
    normal: normalWords(range, format, "not known yet"),
    range,
    state: outside ? "outside" : value === null ? "unknown" : "normal",
    since_ms: outside ? outsideSince(hour, figure) : null,
    wrong: outside ? wrong(`${text} ${unit}`) : "",
    advice: outside ? advice : "",
  };
}
