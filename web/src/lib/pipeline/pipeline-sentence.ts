/** The line that the page of the pipeline opens with. */
import { formatNumber } from "../format/number.ts";
import { formatSince } from "../format/time.ts";
import type { Phrase, Sentence } from "../sentence.ts";
import type { PipelineCheck } from "./pipeline-check.ts";

const strong = (text: string): Phrase => ({ text, tone: "strong" });
const quiet = (text: string): Phrase => ({ text, tone: "quiet" });

/** "Nothing is lost, and what is judged is 3.1 s behind.", "History lags by 41 s: 1,240 rows wait. Normally 0 to 40. Since 10:05:31." */
export function pipelineSentence(checks: readonly PipelineCheck[], services: number | null, now_ms: number): Sentence {
  const wrong = checks.filter(({ state }) => state === "outside");
  const [first] = wrong;
  if (first !== undefined) {
    const normal = first.range === null || first.range.high === 0 ? "" : ` Normally ${first.normal} ${first.unit}.`;
    const since = first.since_ms === null ? "" : ` Since ${formatSince(first.since_ms, now_ms)}.`;
    const rest = wrong.length - 1;
    const more = rest === 0 ? "" : ` ${rest} more ${rest === 1 ? "is" : "are"} not normal.`;
    return { severity: "medium", phrases: [strong(first.wrong), quiet(`${normal}${since}${more}`)] };
  }
  if (services === 0) return { severity: null, phrases: [strong("No service has sent an event yet.")] };
  const behind = checks.find(({ name }) => name === "Freshness")?.value ?? null;
  if (behind === null)
    return { severity: null, phrases: [strong("Nothing is lost,"), quiet(" and nothing comes now.")] };
  const words = `${formatNumber(behind, 1)} s`;
  return { severity: null, phrases: [strong(`Nothing is lost, and what is judged is ${words} behind.`)] };
}
